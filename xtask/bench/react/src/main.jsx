// The questions of the pack 意見募集 as a form of React: pages, conditions, a group, a calculation, files, what is read
// back, a draft on the device. One small dependency-free state, no component library: as light as it is usually built.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { form } from "../../../../domain/packs/iken-boshu.json";
import { Field } from "./field.jsx";
import { problems, seen, words } from "./rules.js";
import "./style.css";

const DRAFT = "draft";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(DRAFT)) ?? {};
  } catch {
    return {};
  }
}

function App() {
  const [answers, setAnswers] = useState(kept);
  const [page, setPage] = useState(0);
  const [wrong, setWrong] = useState({});
  const [receipt, setReceipt] = useState(null);
  useEffect(() => {
    localStorage.setItem(DRAFT, JSON.stringify(answers, (_, value) => (value instanceof File ? undefined : value)));
  }, [answers]);
  useEffect(() => {
    document.querySelector("h1")?.focus();
  }, [page, receipt]);

  const here = form.pages[page];
  const stop = (here?.stops ?? []).find((stop) => seen({ show_if: stop.when }, answers));
  const set = (key) => (value) => setAnswers((before) => ({ ...before, [key]: value }));

  async function submit(event) {
    event.preventDefault();
    if (here) {
      const found = problems(here.questions, answers);
      setWrong(found);
      if (Object.keys(found).length === 0) setPage(page + 1);
      return;
    }
    const answer = await fetch("/answers", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(answers),
    });
    setReceipt((await answer.json()).receipt);
  }

  if (receipt) return <main><h1 tabIndex={-1}>受けつけました</h1><p>受付番号 {receipt}</p></main>;
  if (here && stop && page > 0) return <main><h1 tabIndex={-1}>ここで終わりです</h1><p>{stop.message}</p></main>;
  return (
    <main>
      <header>{form.title}</header>
      <h1 tabIndex={-1}>{here ? here.title : "内容を確かめる"}</h1>
      {page === 0 && <p>{form.intro}</p>}
      <form onSubmit={submit} noValidate>
        {Object.keys(wrong).length > 0 && <p role="alert">直すところが {Object.keys(wrong).length}つあります</p>}
        {here
          ? here.questions
              .filter((question) => seen(question, answers))
              .map((question) => (
                <Field key={question.key} question={question} value={answers[question.key]} all={answers} error={wrong[question.key]} set={set(question.key)} />
              ))
          : <ReadBack answers={answers} />}
        <div className="buttons">
          {page > 0 && <button type="button" onClick={() => setPage(page - 1)}>戻る</button>}
          <button type="submit" className="main">{here ? "次へ" : "この内容で送る"}</button>
        </div>
      </form>
    </main>
  );
}

function ReadBack({ answers }) {
  return form.pages.map((page) => (
    <section key={page.title}>
      <h2>{page.title}</h2>
      <dl>
        {page.questions
          .filter((question) => seen(question, answers) && question.ask.kind !== "explanation")
          .map((question) => (
            <div key={question.key}>
              <dt>{question.label}</dt>
              <dd>{words(question, answers) || "（書いていません）"}</dd>
            </div>
          ))}
      </dl>
    </section>
  ));
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
