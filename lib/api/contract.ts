import type { z } from "zod";
import type { Scope } from "@/lib/auth/scopes";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * What a route of the machine API is, said once: the route validates with it, the OpenAPI document and the client's
 * types are made from it, and the walk over every route reads it.
 */
export type Contract<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType | null = z.ZodType | null,
  Answer extends z.ZodType | null = z.ZodType | null,
  S extends Scope = Scope,
> = {
  /** Its name in the document, and of its sentences in `messages/` (`api.operation.<name>`). */
  readonly operation: string;
  readonly method: Method;
  /** Below `/api/v1`, with parameters in braces. */
  readonly path: string;
  /** What the key needs. */
  readonly scope: S;
  readonly params: Params;
  readonly query: Query;
  /** `null`: a body is not looked at. */
  readonly body: Body;
  readonly answer: {
    readonly status: 200 | 201 | 202 | 204;
    /** `null`: there is no body. */
    readonly schema: Answer;
    /** When it isn't `application/json`. */
    readonly contentType?: string;
  };
  /** Statuses of failures beside those that every route has. */
  readonly fails?: readonly number[];
};

/** Keeps the exact types, which the handler's arguments are made of. */
export const defineContract = <
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType | null,
  Answer extends z.ZodType | null,
  S extends Scope,
>(
  contract: Contract<Params, Query, Body, Answer, S>,
): Contract<Params, Query, Body, Answer, S> => contract;
