import type { z } from "zod";
import type { ApiKey } from "@/lib/api-keys/api-key";
import type { Actor } from "@/lib/auth/actor";
import type { PermissionOf, Scope } from "@/lib/auth/scopes";
import type { Contract } from "./contract";

export type Body<B extends z.ZodType | null> = B extends z.ZodType ? z.output<B> : null;

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
  readonly address: string;
  readonly signal: AbortSignal;
  readonly headers: Headers;
  /** Checks during a long request that the key is still authorized. @throws {AppError} as for a new request */
  readonly confirm: () => Promise<void>;
};

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

export type CallOf<C> =
  C extends Contract<infer P, infer Q, infer B, infer _A, infer S> ? Call<S, P, Q, B> : never;
