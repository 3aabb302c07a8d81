import { type Operations, ROUTES } from "./api.js";
import { toError } from "./error.js";
import { TokenLease, type TokenLeaseOptions } from "./token-lease.js";

export type ClientOptions = {
  /** Dingkeep's address, such as `https://dingkeep.example.com`. */
  readonly url: string;
  /** An API key, `dk_…`. */
  readonly key: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Language of titles and hints, such as `zh-CN`. */
  readonly language?: string;
};

type Given<T> = T extends null | Record<string, never> ? unknown : T;
type Part<Name extends string, T> =
  Given<T> extends object
    ? Partial<Given<T>> extends Given<T>
      ? { readonly [N in Name]?: T }
      : { readonly [N in Name]: T }
    : unknown;

/** Arguments of an operation, without parts that it does not have. */
export type Call<O extends keyof Operations> = Part<"params", Operations[O]["params"]> &
  Part<"query", Operations[O]["query"]> &
  Part<"body", Operations[O]["body"]> & {
    /** Makes the call idempotent: the same value returns the first answer again, for a day. */
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
  };

type AnyCall = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
};

/** Client of Dingkeep's API for one organization's API key. */
export class DingkeepClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Calls an operation of the OpenAPI document.
   *
   * @throws {DingkeepError} when Dingkeep refuses the call
   */
  async call<O extends keyof Operations>(operation: O, call: Call<O>): Promise<Operations[O]["answer"]> {
    const { url, key, language, fetch: send = fetch } = this.#options;
    const { params = {}, query = {}, body, idempotencyKey, signal } = call as AnyCall;
    const { method, path } = ROUTES[operation];
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    const address = new URL(`${url.replace(/\/+$/, "")}/api/v1${filled}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const response = await send(address, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        accept: "application/json",
        ...(language !== undefined && { "accept-language": language }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw await toError(response);
    const text = await response.text();
    return (text === "" ? null : JSON.parse(text)) as Operations[O]["answer"];
  }

  /** Returns a lease of an app's access token, which is kept current while it is in use. */
  token(appId: string, options: TokenLeaseOptions = {}): TokenLease {
    const source = {
      read: (after: number | null, signal: AbortSignal) =>
        this.call("getToken", {
          params: { appId },
          query: after === null ? {} : { after, wait: 30 },
          signal,
        }),
      invalidate: (version: number) => this.call("invalidateToken", { params: { appId }, body: { version } }),
    };
    return new TokenLease(source, options);
  }
}
