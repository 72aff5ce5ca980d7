// A resident whose browser runs no script at all: who it is cannot be found out, so the page says
// what to do, and offers nothing that could not be sent.
import { axeAtBothWidths } from "../lib/page.mjs";

const PHONE = { width: 375, height: 812 };

export const name = "the registration without any script says what to do";

export async function run({ newPage, axe, shot, expect }) {
  const page = await newPage({ ...PHONE, javaScript: false });
  expect((await page.goto("/liff/register")).status(), "the registration").toBe(200);
  await page.getByRole("heading", { name: "受け取る情報をえらぶ", level: 1 }).waitFor();
  const words = await page.locator("main").innerText();
  for (const part of ["このままでは登録できません", "JavaScript", "LINEでみほん市のトークをひらき"]) expect(words, "what the page says").toContain(part);
  expect(await page.locator("#liff-form").isVisible(), "a form that could not be sent").toBe(false);
  await shot(page, "registration-without-script");
  await drawn({ page, newPage, axe });
  // Whoever leaves is not lost either.
  await page.goto("/liff/closed");
  await page.getByRole("heading", { name: "この画面を閉じてください" }).waitFor();
  await page.getByRole("link", { name: "登録の画面にもどる" }).click();
  await page.waitForURL("**/liff/register");

  // With a script the words are gone and the form is there.
  const scripted = await newPage({ ...PHONE, wasm: false });
  await scripted.route(/\/liff\/edge\//, (route) => route.abort());
  await scripted.goto("/liff/register");
  await scripted.locator("#liff-form").waitFor({ state: "visible" });
  expect(await scripted.getByText("このままでは登録できません").isVisible(), "the words for no script").toBe(false);
}

// Axe is a script itself: it looks at what a browser without scripts draws.
async function drawn({ page, newPage, axe }) {
  const html = (await page.content()).replace(/<script[\s\S]*?<\/script>/g, "").replace(/<(\/?)noscript>/g, "<$1div>");
  const copy = await newPage(PHONE);
  await copy.route("**/liff/register", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await copy.goto("/liff/register");
  await copy.getByText("このままでは登録できません").waitFor();
  await axeAtBothWidths(copy, "the registration without a script", axe);
}
