import { type ReceivedRequest, type Reply, startHost } from "@/lib/dingtalk/test-support/servers";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";

/**
 * Starts both of DingTalk's hosts on one socket. Each token request gets a new token: `real-token-1`, `real-token-2`, …
 * Other requests get `replies` in turn; the last reply repeats.
 */
export async function startUpstream(...replies: Reply[]) {
  let tokens = 0;
  let calls = 0;
  const host = await startHost((incoming, response) => {
    if (incoming.url?.startsWith("/v1.0/oauth2/accessToken")) {
      tokens += 1;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ accessToken: `real-token-${tokens}`, expireIn: 7_200 }));
      return;
    }
    const reply = replies[Math.min(calls, replies.length - 1)] ?? {};
    calls += 1;
    if (typeof reply === "function") return reply(incoming, response);
    const isJson = reply.text === undefined;
    response.writeHead(reply.status ?? 200, {
      "content-type": isJson ? "application/json" : "text/html",
      ...reply.headers,
    });
    response.end(isJson ? JSON.stringify(reply.json ?? { errcode: 0, errmsg: "ok" }) : reply.text);
  });
  const isCall = ({ url }: ReceivedRequest) => !url.startsWith("/v1.0/oauth2/accessToken");
  return {
    url: host.url,
    dingtalk: makeTestDingtalk(host.url),
    /** Requests without token requests. */
    received: () => host.received.filter(isCall),
    tokens: () => tokens,
  };
}
