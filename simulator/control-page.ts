import { z } from "zod";
import type { Control } from "./control";
import { eventSection } from "./control-page-events";
import { robotSection } from "./control-page-robots";
import { escapeHtml } from "./escape-html";
import type { Answer } from "./gateway/answer";
import { bodyFields, type SimulatorRequest } from "./gateway/read-request";
import { ControlError } from "./organization/directory";
import { SCENARIOS, type Scenario, type Scenarios } from "./scenarios";

/** Label of each button, and the expected result in Dingkeep. */
const WORDS: Readonly<
  Record<Scenario, { readonly en: string; readonly zh: string; readonly result: string }>
> = {
  rename: {
    en: "Rename a department",
    zh: "修改部门名称",
    result: "The next sync shows the change: Sync now, then open the run.",
  },
  remove_department: {
    en: "Remove a large department",
    zh: "删除大部门",
    result: "The next sync is held until you approve or reject the removals.",
  },
  throttle: { en: "Throttle calls", zh: "触发限流", result: "Calls slow down, and the sync still ends." },
  ban: { en: "Ban the address", zh: "封禁 IP", result: "Dingkeep pauses all calls for five minutes." },
  wrong_secret: {
    en: "Replace the AppSecret",
    zh: "更换 AppSecret",
    result: "The app is broken until you test it again with the right secret.",
  },
  half_answer: {
    en: "Send half an answer",
    zh: "返回不完整的数据",
    result: "The sync repeats its calls for four minutes, then fails and removes nothing.",
  },
  recover: {
    en: "Back to normal",
    zh: "恢复正常",
    result: "Ends all faults and brings back the secret and the departments.",
  },
};

const STYLE =
  "body{font:16px/24px system-ui,sans-serif;max-width:720px;margin:32px auto;padding:0 16px;color-scheme:light dark}" +
  "form{display:flex;gap:16px;align-items:center;margin:8px 0}button{font:inherit;min-width:240px;padding:6px 12px;text-align:start}" +
  ".fields{flex-direction:column;align-items:stretch}.fields label{display:grid;grid-template-columns:240px 1fr}" +
  "small{opacity:.75}time{font-variant-numeric:tabular-nums;opacity:.75}";

const html = (status: number, body: string): Answer => ({
  status,
  headers: { "content-type": "text/html;charset=utf-8", "cache-control": "no-store" },
  body,
  outcome: "control",
});

function page(scenarios: Scenarios, control: Control): string {
  const { name, departments, people } = scenarios.summary();
  const buttons = SCENARIOS.map((scenario) => {
    const { en, zh, result } = WORDS[scenario];
    return `<form method="post" action="/_control/scenarios/${scenario}"><button>${en} <span lang="zh-CN">${zh}</span></button><small>${result}</small></form>`;
  });
  const events = scenarios
    .listEvents()
    .map(
      ({ at, text }) =>
        `<li><time>${new Date(at).toISOString().slice(11, 19)} UTC</time> ${escapeHtml(text)}</li>`,
    );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>DingTalk simulator</title><style>${STYLE}</style></head><body><h1>DingTalk simulator</h1>
<p>${escapeHtml(name)}: ${departments} departments, ${people} people.</p>
${buttons.join("\n")}
${eventSection(control)}
${robotSection(control)}
<h2>What happened</h2><ul>${events.join("") || "<li>Nothing yet.</li>"}</ul></body></html>`;
}

type Page = { readonly scenarios: Scenarios; readonly control: Control };
type Fields = Readonly<Record<string, unknown>>;

/** Forms of the page besides the buttons of the scenarios, by the end of their address. */
const FORMS: Readonly<Record<string, (scenarios: Scenarios, fields: Fields) => void | Promise<void>>> = {
  subscription: (scenarios, fields) => scenarios.subscribe(fields),
  "stream-subscription": (scenarios, { appKey }) => scenarios.subscribeStream(appKey),
  "suite-ticket": (scenarios, { appKey }) => scenarios.pushSuiteTicket(appKey),
};

/** Returns the work of a form, or null if the request is none of the page's forms. */
function findForm(path: string, scenarios: Scenarios, fields: Fields): (() => void | Promise<void>) | null {
  const name = /^_control\/scenarios\/(\w+)$/.exec(path)?.[1];
  const scenario = SCENARIOS.find((one) => one === name);
  if (scenario) return () => scenarios.play(scenario);
  const form = FORMS[path.replace(/^_control\//, "")];
  return form ? () => form(scenarios, fields) : null;
}

/** Serves `/_control` and its forms. Returns `null` for other requests. */
export async function serveControlPage(
  { scenarios, control }: Page,
  { method, path, body }: SimulatorRequest,
): Promise<Answer | null> {
  if (method === "GET" && /^_control\/?$/.test(path)) return html(200, page(scenarios, control));
  const submit = method === "POST" && findForm(path, scenarios, Object.fromEntries(bodyFields(body)));
  if (!submit) return null;
  try {
    await submit();
  } catch (error) {
    if (error instanceof ControlError) return html(409, escapeHtml(error.message));
    if (error instanceof z.ZodError) return html(400, escapeHtml(z.prettifyError(error)));
    throw error;
  }
  return { ...html(303, ""), headers: { location: "/_control" } };
}
