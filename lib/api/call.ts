import type { z } from "zod";
import type { ApiKey } from "@/lib/api-keys/api-key";
import type { Actor } from "@/lib/auth/actor";
import type { PermissionOf, Scope } from "@/lib/auth/scopes";
import type { Contract } from "./contract";

export type Body<B extends z.ZodType | null> = B extends z.ZodType ? z.output<B> : null;

/** What a handler is given: all of it was looked at. */
export type Call<
  S extends Scope,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType | null,
> = {
  readonly actor: Actor<PermissionOf<S>>;
  readonly key: ApiKey;
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: Body<B>;
  /** Where the request came from. */
  readonly address: string;
  /** Ends when whoever called is gone. */
  readonly signal: AbortSignal;
  readonly headers: Headers;
  /**
   * For what takes its time: whether the key still is one that may.
   *
   * @throws {AppError} as the request would be answered if it came now
   */
  readonly confirm: () => Promise<void>;
};

/** An answer with more to say than its body. */
export class Answer {
  readonly body: unknown;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: unknown, more: { status?: number; headers?: Readonly<Record<string, string>> } = {}) {
    this.body = body;
    this.status = more.status;
    this.headers = more.headers ?? {};
  }
}

/** What the handler of a contract's route is given. */
export type CallOf<C> =
  C extends Contract<infer P, infer Q, infer B, infer _A, infer S> ? Call<S, P, Q, B> : never;
