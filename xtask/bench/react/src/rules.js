// What is seen, what is missing, and how an answer reads.
export function seen(question, answers) {
  const when = question.show_if;
  if (!when) return true;
  if (when.is) {
    const given = answers[when.is.question];
    return [given].flat().some((key) => when.is.any_of.includes(key));
  }
  return true;
}

const empty = (value) => value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);

function missing({ ask }, value) {
  if (ask.kind === "name") return empty(value?.family) || empty(value?.given);
  if (ask.kind === "address") return empty(value?.prefecture) || empty(value?.city) || empty(value?.street);
  return empty(value);
}

export function problems(questions, answers) {
  const found = {};
  for (const question of questions.filter((question) => seen(question, answers))) {
    const value = answers[question.key];
    if (question.required && missing(question, value)) {
      found[question.key] = `「${question.label}」を書いてください`;
    } else if (question.ask.kind === "telephone" && value && !/^0[0-9-]{9,12}$/.test(value)) {
      found[question.key] = "電話番号は、数字とハイフンで書いてください";
    } else if (question.ask.kind === "group") {
      const inner = (value ?? [{}]).map((item) => problems(question.ask.questions, item));
      if (inner.some((item) => Object.keys(item).length > 0)) found[question.key] = inner;
    } else if (question.ask.max && typeof value === "string" && value.length > question.ask.max) {
      found[question.key] = `${question.ask.max}文字までで書いてください`;
    }
  }
  return found;
}

export function words(question, answers) {
  const value = answers[question.key];
  const { kind, options, questions, unit } = question.ask;
  if (kind === "calculation") return `${(answers.opinions ?? [{}]).length}${unit}`;
  if (empty(value)) return "";
  if (kind === "one") return options.find((option) => option.key === value)?.label;
  if (kind === "consent") return "同意する";
  if (kind === "file") return value.map((file) => file.name).join("、");
  if (kind === "group") return value.map((item, i) => `${i + 1}. ${questions.map((inner) => words(inner, item)).join(" ")}`).join("\n");
  if (typeof value === "object") return Object.values(value).join(" ");
  return value;
}
