import { getScopes } from "../scopes";
import { makeCaller, makeDingtalk } from "./make-dingtalk";
import { type Reply, startHost } from "./servers";

export const yes = {
  json: { errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } },
} satisfies Reply;
export const no = (errcode: number, rest: object = {}): Reply => ({
  json: { errcode, errmsg: "no", ...rest },
});
export const never: Reply = () => {};
export const cutOff: Reply = (request) => request.socket.destroy();

/** One call of `auth/scopes` against a host that gives these replies. */
export async function scopesFrom(replies: Reply[], tokens: string[] = ["token-1", "token-2"]) {
  const host = await startHost(...replies);
  const made = makeDingtalk({ url: host.url, timeoutMs: 200 });
  const { caller, replaced } = makeCaller(...tokens);
  const result = getScopes(made.dingtalk, caller);
  result.catch(() => {});
  return { ...made, host, replaced, result };
}
