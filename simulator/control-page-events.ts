import type { Control } from "./control";
import { escapeHtml } from "./escape-html";
import type { Push } from "./events/push-queue";

const PUSHES_SHOWN = 12;

const field = (name: string, label: string, attributes: string): string =>
  `<label>${label} <input name="${name}" required autocomplete="off" ${attributes}></label>`;

const option = (value: string, text: string): string =>
  `<option value="${escapeHtml(value)}">${text}</option>`;

function appSelect(control: Control): string {
  const apps = control
    .listApps()
    .map(({ appKey, kind }) => option(appKey, `${escapeHtml(appKey)} (${kind})`));
  return `<label>App <span lang="zh-CN">应用</span> <select name="appKey">${apps.join("")}</select></label>`;
}

/** Returns the forms of an app's event subscription, as the developer console has them. */
function subscriptionForms(control: Control): string {
  return `<h3>HTTP push <span lang="zh-CN">HTTP 推送</span></h3>
<form class="fields" method="post" action="/_control/subscription">
${appSelect(control)}
${field("url", 'Callback URL <span lang="zh-CN">请求网址</span>', 'type="url"')}
${field("token", 'Token <span lang="zh-CN">签名 Token</span>', 'pattern="[A-Za-z0-9]{3,32}"')}
${field("aesKey", 'AES key <span lang="zh-CN">加密 aes_key</span>', 'pattern="[A-Za-z0-9]{43}"')}
<label>Payloads <select name="shape">${option("current", "as documented")}${option("legacy", "as older apps get them")}</select></label>
<button>Verify and save <span lang="zh-CN">验证并保存</span></button></form>
<h3>Stream mode <span lang="zh-CN">Stream 模式推送</span></h3>
<form class="fields" method="post" action="/_control/stream-subscription">
${appSelect(control)}
<button>Use stream mode <span lang="zh-CN">使用 Stream 模式</span></button></form>`;
}

const ticketForm = (appKey: string): string =>
  `<form method="post" action="/_control/suite-ticket"><input type="hidden" name="appKey" value="${escapeHtml(appKey)}">
<button>Push a suite ticket <span lang="zh-CN">推送 suite_ticket</span></button></form>`;

function subscriptionList(control: Control): string {
  const rows = control.listApps().flatMap(({ appKey, kind }) => {
    const subscription = control.findSubscription(appKey);
    if (!subscription) return [];
    const count = control.listConnections(appKey).length;
    const target =
      subscription.way === "http" ? new URL(subscription.url).origin : `Stream, connections: ${count}`;
    const ticket = kind === "isv" ? ticketForm(appKey) : "";
    return `<li>${escapeHtml(appKey)}: ${escapeHtml(target)}${ticket}</li>`;
  });
  return rows.length > 0 ? `<ul>${rows.join("")}</ul>` : "<p>No app subscribes to events.</p>";
}

function pushRow({ appKey, event, state, attempts }: Push): string {
  const at = new Date(event.bornAt).toISOString().slice(11, 19);
  const last = attempts.at(-1);
  const result = last && !last.ok ? `: ${last.reason}${last.detail ? `, ${last.detail}` : ""}` : "";
  const text = `${event.eventType} to ${appKey}, ${state}, attempts: ${attempts.length}${result}`;
  return `<li><time>${at} UTC</time> ${escapeHtml(text)}</li>`;
}

/** Returns the part of the control page about event subscriptions and pushes. */
export function eventSection(control: Control): string {
  const pushes = control.listPushes().slice(-PUSHES_SHOWN).toReversed().map(pushRow);
  return `<h2>Event subscriptions <span lang="zh-CN">事件订阅</span></h2>
<p>Paste the callback URL, token and AES key of an app in Dingkeep. Changes of the organization are then pushed.</p>
${subscriptionForms(control)}
${subscriptionList(control)}
<h2>Last pushes</h2><ul>${pushes.join("") || "<li>Nothing yet.</li>"}</ul>`;
}
