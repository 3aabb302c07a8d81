import { type AnswerContext, interpretAnswer, type RawAnswer } from "../interpret-answer";

const nowMs = Date.UTC(2026, 0, 1);
export const secret = "s3cret/with+signs=!~";

export const rawOf = (body: unknown, rest: Partial<RawAnswer> = {}): RawAnswer => ({
  status: 200,
  contentType: "application/json",
  retryAfter: null,
  requestId: null,
  text: typeof body === "string" ? body : JSON.stringify(body),
  ...rest,
});

export const contextOf = (rest: Partial<AnswerContext> = {}): AnswerContext => ({
  api: "topapi/v2/department/listsub",
  host: "oapi",
  hostName: "oapi.dingtalk.test",
  isTokenCall: false,
  secrets: [secret],
  sent: () => "",
  nowMs,
  ...rest,
});

/** Returns the error of an answer. Throws if the answer is a success. */
export function refused(body: unknown, raw: Partial<RawAnswer> = {}, context: Partial<AnswerContext> = {}) {
  const answer = interpretAnswer(rawOf(body, raw), contextOf(context));
  if (answer.ok) throw new Error("the answer is a success");
  return answer.error;
}

export const onApi = { host: "api", api: "v1.0/oauth2/accessToken" } as const;
