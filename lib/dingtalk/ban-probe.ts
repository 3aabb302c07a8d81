import type { Dispatcher } from "undici";
import { interpretAnswer } from "./interpret-answer";
import { send } from "./send";
import { TimeLimitReached, withTimeLimit } from "./time-limit";

export type BanProbe = (host: "oapi" | "api") => Promise<boolean>;

type ProbeOptions = {
  readonly oapiUrl: string;
  readonly apiUrl: string;
  readonly dispatcher: Dispatcher;
  readonly now: () => number;
};

const PROBE_MS_MAX = 10_000;
/** Many callers can meet a ban at the same time; within this time they share one probe. */
const ANSWER_REUSED_MS = 10_000;

/** Token requests without credentials. DingTalk refuses them, and no tenant can influence their content. */
const PROBES = {
  oapi: { method: "GET", api: "gettoken", body: null },
  api: { method: "POST", api: "v1.0/oauth2/accessToken", body: "{}" },
} as const;

/** Creates the probe that confirms a ban. A tenant's call proves nothing, because the tenant chose its path. */
export function createBanProbe(options: ProbeOptions): BanProbe {
  const recent = new Map<string, { readonly askedAtMs: number; readonly answer: Promise<boolean> }>();
  return (host) => {
    const last = recent.get(host);
    if (last && options.now() - last.askedAtMs < ANSWER_REUSED_MS) return last.answer;
    const answer = isBanned(options, host);
    recent.set(host, { askedAtMs: options.now(), answer });
    return answer;
  };
}

async function isBanned(
  { oapiUrl, apiUrl, dispatcher, now }: ProbeOptions,
  host: "oapi" | "api",
): Promise<boolean> {
  const { method, api, body } = PROBES[host];
  const url = new URL(host === "oapi" ? oapiUrl : apiUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${api}`;
  const headers: Record<string, string> = body === null ? {} : { "content-type": "application/json" };
  try {
    const sent = await withTimeLimit({ limitMs: PROBE_MS_MAX, signal: undefined }, (signal) =>
      send(dispatcher, { method, url, headers, body }, signal),
    );
    if (!sent.ok) return false;
    const answer = interpretAnswer(sent.value.raw, {
      api,
      host,
      hostName: url.host,
      isTokenCall: true,
      secrets: [],
      sent: () => "",
      nowMs: now(),
    });
    return !answer.ok && answer.error.kind === "ip_banned";
  } catch (error) {
    if (error instanceof TimeLimitReached) return false;
    throw error;
  }
}
