/** The page of the demo's webhook receiver, which reads the list every 2 seconds. */
export const RECEIVER_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Webhooks of the demo</title><style>
body{font:16px/24px system-ui,sans-serif;max-width:960px;margin:32px auto;padding:0 16px;color-scheme:light dark}
ol{list-style:none;padding:0}li{border-top:1px solid #8884;padding:8px 0}
time{font-variant-numeric:tabular-nums;opacity:.75}strong{margin:0 8px}
pre{font-size:13px;line-height:18px;margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere}
</style></head><body><h1>Webhooks of the demo <span lang="zh-CN">演示接收端</span></h1>
<p>This page stands for one of your own services. It shows the last 100 webhooks that Dingkeep delivered, newest first.</p>
<p id="none">None yet. After the first sync, the simulated DingTalk changes every 3 minutes, and whenever you rename a department on its control page.</p><ol id="list"></ol>
<script>
const list = document.querySelector("#list");
const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });
function toItem({ at, isVerified, body }) {
  const item = document.createElement("li");
  let type = "";
  let shown = body;
  try {
    const message = JSON.parse(body);
    type = message.type;
    shown = JSON.stringify(message, null, 2);
  } catch {}
  const verdict = isVerified ? "signature verified 签名有效" : "wrong signature 签名无效";
  item.append(make("time", at.slice(11, 19) + " UTC"), make("strong", type), verdict, make("pre", shown));
  return item;
}
let last = "";
async function update() {
  const answer = await fetch("/webhooks.json").catch(() => null);
  const text = answer ? await answer.text() : last;
  if (text !== last) {
    const webhooks = JSON.parse(text);
    document.querySelector("#none").hidden = webhooks.length > 0;
    list.replaceChildren(...webhooks.map(toItem));
    last = text;
  }
  setTimeout(update, 2000);
}
update();
</script></body></html>`;
