import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor } from "@/lib/auth/request";
import { AppError, type ErrorCode } from "@/lib/errors";
import { log } from "@/lib/log";

type Params<Name extends string> = Readonly<Record<Name | "organization", string>>;

type Read<P extends Permission, Name extends string, Query> = {
  readonly actor: Actor<P>;
  /** Of the address, as they came: what they name may not be there. */
  readonly params: Params<Name>;
  readonly query: Query;
};

/** What depends on a caller is kept by nobody (S19); the language decides the order of names. */
const HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };

const problem = (code: ErrorCode, status: number, headers: Record<string, string> = {}) =>
  Response.json({ code }, { status, headers: { ...HEADERS, ...headers } });

function failureOf(error: unknown): Response {
  unstable_rethrow(error);
  if (!(error instanceof AppError)) {
    log.error("read failed", { error });
    return problem("internal", 500);
  }
  if (error.status >= 500) log.warn("read failed", { error });
  const seconds = error.retryAfterSeconds;
  return problem(error.code, error.status, seconds === undefined ? {} : { "retry-after": String(seconds) });
}

/**
 * Makes a GET route that a page's own script reads while it is open: who is calling, whether they may, what
 * they ask, then `read`; its answer as JSON. A failure is its status and `{ code }`, and says nothing else.
 *
 * Server actions run one after another, so pages don't read through them.
 *
 * @param definition.params names of the address's parts beside `organization`
 */
export function defineRead<P extends Permission, Name extends string, Query>(
  definition: {
    readonly permission: P;
    readonly params: readonly Name[];
    readonly query: z.ZodType<Query>;
  },
  read: (context: Read<P, Name, Query>) => Promise<object>,
) {
  return async (request: Request, context: { params: Promise<Params<Name>> }): Promise<Response> => {
    try {
      const params = await context.params;
      const actor = await requireActor(params.organization, definition.permission);
      const query = definition.query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
      if (!query.success) return problem("invalid_input", 422);
      return Response.json(await read({ actor, params, query: query.data }), { headers: HEADERS });
    } catch (error) {
      return failureOf(error);
    }
  };
}
