// Words that differ from resident to resident: put in without writing braces, seen as an example,
// filled in for the tester, and with other words for whoever registered nothing.
import { beginDelivery, live, press, signIn, toEveryone } from "../lib/page.mjs";

export const name = "a text says to each resident what they registered";

const TOPICS = ["ごみの日", "防災・避難", "水道・断水", "子育て・給食", "健康・けんしん", "催し・観光", "図書館"];

export async function run({ sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  // What is refused is answered with 422, which Chromium writes to its console.
  const desk = await newPage({ ignore: [/status of 422/] });
  await signIn(desk, account);
  await beginDelivery(desk);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill("登録のごあいさつ");
  await text.fill("お届けする情報：");
  await live(desk.getByRole("button", { name: "試験者に送る" }));
  await desk.getByLabel("文章1に差しこみを入れる").click();
  const menu = desk.getByRole("group", { name: "差しこみ", exact: true });
  expect(await menu.getByRole("button", { name: "年代" }).count(), "a personal attribute is offered").toBe(0);
  await axe(desk, "the menu of what can be filled in");
  await shot(desk, "composer-variable-menu");
  await menu.getByLabel("登録していない人には").fill("まだありません");
  await press(menu.getByRole("button", { name: "受け取りたい情報" }));
  expect(await text.inputValue(), "the text").toBe("お届けする情報：{{topics|まだありません}}");
  await desk.getByText("「topics」には、その人の「受け取りたい情報」が入ります。登録していない人には「まだありません」と入ります").waitFor();
  await desk.getByRole("complementary", { name: "届いたときの見え方" }).getByText("お届けする情報：ごみの日").first().waitFor();
  await desk.getByText(/自動で保存しました/).waitFor();
  await axe(desk, "a text with a variable");
  await shot(desk, "composer-variable");

  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  const tester = residents[0].user_id;
  const before = (await sandbox.received(tester)).length;
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  const told = await until(async () => (await sandbox.received(tester))[before]?.text, "the test");
  const words = told.replace("【試験】お届けする情報：", "");
  expect(words === "まだありません" || words.split("、").every((word) => TOPICS.includes(word)), `${told} is what the tester registered`).toBe(true);

  // As that tester, the preview says what they got.
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" });
  await preview.getByText("だれかとして見る").click();
  await press(preview.getByRole("button", { name: "さがす" }));
  await press(preview.getByRole("button", { name: "田村さん（試験者）" }));
  await preview.getByText("田村さん（試験者）として見ています").waitFor();
  await preview.getByText(`お届けする情報：${words}`).first().waitFor();
  await preview.getByText("届く相手は、まだ決まっていません").waitFor();
  await axe(desk, "the preview as a tester");
  await toEveryone(desk);
  await preview.getByText("この人は、届く相手に入っています").waitFor();
  await axe(desk, "the preview as a tester who gets it");

  // An attribute that is not there is refused at the text.
  await text.fill("{{nowhere|みなさま}}へ");
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  await desk.getByText("差しこむ登録項目「nowhere」がありません。消すか、選び直してください").first().waitFor();
  await axe(desk, "a variable that is not there");
}
