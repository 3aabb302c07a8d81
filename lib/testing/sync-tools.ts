import { Agent } from "undici";
import { createDingtalk, type DingtalkAttempt, type DingtalkOptions } from "@/lib/dingtalk/client";
import { requestAccessToken } from "@/lib/dingtalk/tokens";
import { directoryCalls, verifyCalls } from "@/lib/directory/sync/read/directory-calls";
import type { SyncTools } from "@/lib/directory/sync/run-sync";
import { Redacted } from "@/lib/redacted";

export const TEST_APP_KEY = "dingkeyoftests";
export const TEST_APP_SECRET = "secret-of-tests-only";

const agent = new Agent();

export const closeAgent = (): Promise<void> => agent.close();

/** Returns the dependencies of a sync, without rate limits and pauses and with short timeouts. */
export function toolsFor(
  { url }: { readonly url: string },
  {
    dingtalk: options,
    triesWhole = false,
    ...rest
  }: Partial<SyncTools> & { dingtalk?: Partial<DingtalkOptions>; triesWhole?: boolean } = {},
): SyncTools {
  const dingtalkFor = (onAttempt?: (attempt: DingtalkAttempt) => void) =>
    createDingtalk({
      oapiUrl: url,
      apiUrl: url,
      dispatcher: agent,
      limiter: { take: async (_, signal) => signal?.throwIfAborted(), penalize: () => {} },
      timeoutMs: 2_000,
      random: () => 0,
      sleep: async (_, signal) => signal?.throwIfAborted(),
      ...(onAttempt && { onAttempt }),
      ...options,
    });
  const pair = { appKey: TEST_APP_KEY, appSecret: new Redacted(TEST_APP_SECRET) };
  const fetchToken = async () => (await requestAccessToken(dingtalkFor(), pair)).token;
  const makeCaller = () => {
    let token: Promise<Redacted> | undefined;
    const source = { current: () => (token ??= fetchToken()), replace: () => (token = fetchToken()) };
    return { appKey: TEST_APP_KEY, token: source };
  };
  return {
    callsOf: async (_, onAttempt, callOptions) =>
      directoryCalls(dingtalkFor(onAttempt), makeCaller(), {
        ...callOptions,
        triesWhole: triesWhole && (callOptions?.triesWhole ?? false),
      }),
    verifyCallsOf: async (_, onAttempt) => verifyCalls(dingtalkFor(onAttempt), makeCaller()),
    awaitTurn: async () => true,
    awaitTurnEnd: () => new Promise(() => {}),
    departmentsMax: 200_000,
    membersMax: 1_000_000,
    sleep: async (_, signal) => signal.throwIfAborted(),
    ...rest,
  };
}

/** Returns tools that do `work` before the `nth` request for children. */
export function interrupted(
  tools: SyncTools,
  nth: number,
  work: () => Promise<unknown>,
): { readonly tools: SyncTools; readonly lists: () => number } {
  let lists = 0;
  const callsOf: SyncTools["callsOf"] = async (...parameters) => {
    const calls = await tools.callsOf(...parameters);
    return {
      ...calls,
      listSub: async (departmentId, signal) => {
        lists += 1;
        if (lists === nth) await work();
        return calls.listSub(departmentId, signal);
      },
    };
  };
  return { tools: { ...tools, callsOf }, lists: () => lists };
}
