import "server-only";
import type { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor, requireSignedInCaller } from "@/lib/auth/require-actor";
import { requireCaller } from "@/lib/auth/sessions";
import { problem, readFailure } from "@/lib/problems/page-failure";
import { NO_STORE_HEADERS } from "@/lib/request/no-store";
import { withoutBodyForHead } from "./define-route";
import { textStream } from "./line-stream";

type Params = Readonly<Record<"organization" | "app", string>>;

type DownloadRequest<P extends Permission, Query, Name extends string> = {
  readonly actor: Actor<P>;
  readonly app: string;
  /** Not validated: the objects with these ids may not exist. */
  readonly params: Readonly<Record<Name, string>>;
  readonly query: Query;
  readonly userId: string;
  /** @throws {AppError} after the session or the membership has ended (S1) */
  readonly confirm: () => Promise<unknown>;
};

type Download = {
  /** ASCII letters, digits, dots and dashes. */
  readonly name: `${string}.${string}`;
  readonly contentType: string;
  readonly batches: AsyncIterable<string>;
  readonly release: () => void;
};

/** Makes a GET route that streams a generated file to a browser as a download. A failure is `{ code }`. */
export function defineDownload<P extends Permission, Query, Name extends string = never>(
  definition: {
    readonly permission: P;
    readonly query: z.ZodType<Query>;
    /** Path parameters other than `organization` and `app`. */
    readonly params?: readonly Name[];
  },
  open: (request: DownloadRequest<P, Query, Name>) => Promise<Download>,
) {
  type Context = { params: Promise<Params & Readonly<Record<Name, string>>> };
  return async (request: Request, context: Context): Promise<Response> => {
    try {
      const params = await context.params;
      const { organization, app } = params;
      const actor = await requireActor(organization, definition.permission);
      const { sessionId, userId } = await requireSignedInCaller(organization);
      const query = definition.query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
      if (!query.success) return problem("invalid_input", 422);
      const confirm = () => requireCaller(sessionId, actor.organizationId);
      const { batches, release, name, contentType } = await open({
        actor,
        app,
        params,
        query: query.data,
        userId,
        confirm,
      });
      const headers = {
        ...NO_STORE_HEADERS,
        "content-type": contentType,
        "content-disposition": `attachment; filename="${name}"`,
        "x-content-type-options": "nosniff",
      };
      return await withoutBodyForHead(
        request,
        textStream(batches, { signal: request.signal, release, headers }),
      );
    } catch (error) {
      return readFailure(error);
    }
  };
}
