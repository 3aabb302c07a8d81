import "server-only";
import type { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor } from "@/lib/auth/require-actor";
import { problem, readFailure } from "@/lib/problems/page-failure";
import { NO_STORE_HEADERS } from "@/lib/request/no-store";

type Params<Name extends string> = Readonly<Record<Name | "organization", string>>;

type Read<P extends Permission, Name extends string, Query> = {
  readonly actor: Actor<P>;
  readonly params: Params<Name>;
  readonly query: Query;
};

/**
 * Makes a GET route for scripts of a page. Server actions run one after another, so pages don't read through them.
 * @param definition.params path parameters other than `organization`
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
      return Response.json(await read({ actor, params, query: query.data }), { headers: NO_STORE_HEADERS });
    } catch (error) {
      return readFailure(error);
    }
  };
}
