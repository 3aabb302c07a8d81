import "server-only";
import { AppError } from "@/lib/errors";
import { countCallback } from "@/lib/metrics/count";
import { problemOf } from "@/lib/problems/problem-response";
import { type RequestContext, requestContext } from "@/lib/request/context";
import { readText } from "./read-request";
import { withHeaders } from "./response-headers";

const BODY_BYTES_MAX = 1_048_576;

type Incoming = {
  /** The last segment of the address. */
  readonly address: string;
  readonly query: URLSearchParams;
  readonly body: string;
};
type Received =
  | { readonly outcome: "refused" }
  | { readonly outcome: "checked" | "stored" | "duplicate"; readonly reply: object };

type Context = { readonly params: Promise<{ readonly address: string }> };
type Receive = (incoming: Incoming) => Promise<Received>;

/** Makes the route handler for DingTalk's callbacks. Every refused callback gets the same answer. */
export const defineCallback =
  (receive: Receive) =>
  async (request: Request, context: Context): Promise<Response> => {
    const startedAtMs = performance.now();
    const caller = requestContext(request.headers);
    const { address } = await context.params;
    const { outcome, response } = await answer(receive, { request, address, caller });
    countCallback(outcome, performance.now() - startedAtMs);
    return withHeaders(response, { requestId: caller.requestId, isStale: false, rate: null });
  };

type Callback = { readonly request: Request; readonly address: string; readonly caller: RequestContext };
type Answer = { readonly outcome: Received["outcome"] | "failed"; readonly response: Response };

async function answer(receive: Receive, { request, address, caller }: Callback): Promise<Answer> {
  try {
    const body = await readText(request, BODY_BYTES_MAX);
    const received = await receive({ address, query: new URL(request.url).searchParams, body });
    if (received.outcome === "refused") throw new AppError("malformed", "the callback was refused");
    return { outcome: received.outcome, response: Response.json(received.reply) };
  } catch (error) {
    const isRefused = error instanceof AppError && error.status < 500;
    const shown = isRefused ? new AppError("malformed", "the callback was refused") : error;
    return { outcome: isRefused ? "refused" : "failed", response: await problemOf(shown, caller) };
  }
}
