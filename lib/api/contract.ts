import type { z } from "zod";
import type { Scope } from "@/lib/auth/scopes";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A route of the machine API. Validation, the OpenAPI document and the client's types derive from it. */
export type Contract<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType | null = z.ZodType | null,
  Answer extends z.ZodType | null = z.ZodType | null,
  S extends Scope = Scope,
> = {
  /** Operation id in the OpenAPI document, and key of its sentences in `messages/` (`api.operation.<name>`). */
  readonly operation: string;
  readonly method: Method;
  /** Below `/api/v1`, with parameters in braces. */
  readonly path: string;
  readonly scope: S;
  readonly params: Params;
  readonly query: Query;
  /** `null` ignores the body. */
  readonly body: Body;
  readonly answer: {
    readonly status: 200 | 201 | 202 | 204;
    /** `null` for an answer without a body. */
    readonly schema: Answer;
    readonly contentType?: string;
  };
  /** Statuses of failures, in addition to those of every route. */
  readonly fails?: readonly number[];
};

/** Returns the contract with its exact types, from which the types of the handler's arguments follow. */
export const defineContract = <
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType | null,
  Answer extends z.ZodType | null,
  S extends Scope,
>(
  contract: Contract<Params, Query, Body, Answer, S>,
): Contract<Params, Query, Body, Answer, S> => contract;
