import { getScopes } from "../contact-scope";
import { makeCaller, makeDingtalk } from "./make-dingtalk";
import { type Reply, startHost } from "./servers";

export const yes = {
  json: { errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } },
} satisfies Reply;
export const no = (errcode: number, rest: object = {}): Reply => ({
  json: { errcode, errmsg: "no", ...rest },
});
export const never: Reply = () => {};
/** An answer that sends a byte every 10 ms and never ends. */
export const trickle: Reply = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
};
export const cutOff: Reply = (request) => request.socket.destroy();

/** Short only for answers that never come, so that a busy machine does not fail the other tests. */
export const answeringWithin = (replies: readonly Reply[]): number =>
  replies.some((reply) => reply === never || reply === trickle) ? 1_000 : 20_000;

/** Calls `auth/scopes` of a host that gives these replies in order. */
export async function scopesFrom(replies: Reply[], tokens: string[] = ["token-1", "token-2"]) {
  const host = await startHost(...replies);
  const made = makeDingtalk({ url: host.url, timeoutMs: answeringWithin(replies) });
  const { caller, replaced } = makeCaller(...tokens);
  const result = getScopes(made.dingtalk, caller);
  result.catch(() => {});
  return { ...made, host, replaced, result };
}
