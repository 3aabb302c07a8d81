import type { Control } from "./control";
import { escapeHtml } from "./escape-html";
import type { RobotMessage } from "./robot/robots";

const MESSAGES_SHOWN = 8;

function messageRow({ at, msgtype, body }: RobotMessage): string {
  const time = new Date(at).toISOString().slice(11, 19);
  const text = JSON.stringify(body[msgtype]);
  return `<li><time>${time} UTC</time> ${escapeHtml(`${msgtype} ${text}`)}</li>`;
}

/** Returns the part of the control page about group robots, or nothing if there is none. */
export function robotSection(control: Control): string {
  const robots = control.listRobots().map(({ accessToken, secret }) => {
    const signing = secret === null ? "" : `, secret <code>${escapeHtml(secret)}</code>`;
    return `<li><code>/robot/send?access_token=${escapeHtml(accessToken)}</code>${signing}</li>`;
  });
  if (robots.length === 0) return "";
  const messages = control.listRobotMessages().slice(-MESSAGES_SHOWN).toReversed().map(messageRow);
  return `<h2>Group robots <span lang="zh-CN">群机器人</span></h2><ul>${robots.join("")}</ul>
<ul>${messages.join("") || "<li>No messages yet.</li>"}</ul>`;
}
