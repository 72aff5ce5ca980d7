// One question by its kind.
import { useId } from "react";
import { seen, words } from "./rules.js";

const PARTS = {
  name: [["family", "氏"], ["given", "名"]],
  address: [["postcode", "郵便番号"], ["prefecture", "都道府県"], ["city", "市区町村"], ["street", "町名・番地"], ["building", "建物の名前・部屋"]],
};
const TYPES = { telephone: "tel", mail: "email" };

export function Field({ question, value, all, error, set }) {
  const id = useId();
  const { ask, label, hint, required } = question;
  if (ask.kind === "explanation") {
    return <section className="explanation"><h2>{label}</h2><p>{ask.text}</p></section>;
  }
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{label}{required && <span className="required">必須</span>}</legend>
      {hint && <p className="hint">{hint}</p>}
      <Control id={id} question={question} value={value} all={all} error={error} set={set} />
      {typeof error === "string" && <p className="error" id={`${id}-error`}>{error}</p>}
    </fieldset>
  );
}

function Control({ id, question, value, all, error, set }) {
  const { ask, label } = question;
  switch (ask.kind) {
    case "one":
      return ask.options.map((option) => (
        <label className="choice" key={option.key}>
          <input type="radio" name={id} value={option.key} checked={value === option.key} onChange={() => set(option.key)} />
          <span>{option.label}</span>
        </label>
      ));
    case "consent":
      return (
        <>
          <p>{ask.text}</p>
          {ask.more && <details><summary>くわしく</summary><p>{ask.more}</p></details>}
          <label className="choice">
            <input type="checkbox" checked={value === true} onChange={(event) => set(event.target.checked)} />
            <span>同意する</span>
          </label>
        </>
      );
    case "name":
    case "address":
      return PARTS[ask.kind].map(([part, words]) => (
        <label className="part" key={part}>
          <span>{words}</span>
          <input value={value?.[part] ?? ""} onChange={(event) => set({ ...value, [part]: event.target.value })} />
        </label>
      ));
    case "long_text":
      return <textarea aria-label={label} rows={5} maxLength={ask.max} value={value ?? ""} onChange={(event) => set(event.target.value)} />;
    case "file":
      return <input type="file" multiple aria-label={label} onChange={(event) => set([...event.target.files])} />;
    case "calculation":
      return <output>{words(question, all)}</output>;
    case "group":
      return <Group question={question} items={value ?? [{}]} error={error} set={set} />;
    default:
      return <input type={TYPES[ask.kind] ?? "text"} aria-label={label} maxLength={ask.max} value={value ?? ""} onChange={(event) => set(event.target.value)} />;
  }
}

function Group({ question, items, error, set }) {
  const { item, min, max, questions } = question.ask;
  const put = (index, key) => (value) => set(items.map((one, i) => (i === index ? { ...one, [key]: value } : one)));
  return (
    <>
      {items.map((one, index) => (
        <section className="each" key={index}>
          <h2>{item} {index + 1}</h2>
          {questions
            .filter((inner) => seen(inner, one))
            .map((inner) => (
              <Field key={inner.key} question={inner} value={one[inner.key]} all={one} error={error?.[index]?.[inner.key]} set={put(index, inner.key)} />
            ))}
          {items.length > min && <button type="button" onClick={() => set(items.filter((_, i) => i !== index))}>消す</button>}
        </section>
      ))}
      {items.length < max && <button type="button" onClick={() => set([...items, {}])}>{item}を足す</button>}
    </>
  );
}
