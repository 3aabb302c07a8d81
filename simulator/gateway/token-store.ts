import { randomBytes } from "node:crypto";
import type { App } from "../control-input";
import type { Settings } from "../settings";

/** An app's token for one organization. */
export type Token = {
  readonly value: string;
  readonly appKey: string;
  readonly corpId: string;
  readonly slot: string;
  /** Milliseconds since the epoch by the simulator's clock. */
  expiresAt: number;
};

/**
 * Endpoints that issue app tokens.
 *
 * @see docs/dingtalk/tokens.md
 */
export type TokenEndpoint = "gettoken" | "accessToken" | "corpToken" | "suiteToken" | "legacySuiteToken";

/** The app and organization of a token to issue. */
export type TokenRequest = {
  readonly app: App;
  /** One of the app's organizations. */
  readonly corpId: string;
  readonly settings: Settings;
  readonly endpoint: TokenEndpoint;
  readonly now: number;
};

export type TokenStore = {
  /** Issues a token according to `Settings`. */
  issue(request: TokenRequest): IssuedToken;
  /** Finds a token by its value, expired or not. */
  find(value: string): Token | null;
  /** Invalidates the tokens of an app, or of all apps. */
  revoke(appKey?: string): void;
};

export type IssuedToken = { readonly value: string; readonly lifetimeSeconds: number };

/** Expired tokens are kept this long, to tell them from unknown ones. */
const REMEMBERED_MS = 86_400_000;
const PURGE_FROM_TOKENS = 10_000;

export function makeTokenStore(): TokenStore {
  const tokens = new Map<string, Token>();
  const current = new Map<string, Token>();

  function create({ app, corpId, settings, now }: TokenRequest, slot: string): Token {
    const value = randomBytes(16).toString("hex");
    const expiresAt = now + settings.tokenLifetimeSeconds * 1_000;
    const token: Token = { value, appKey: app.appKey, corpId, slot, expiresAt };
    if (tokens.size >= PURGE_FROM_TOKENS) purge(tokens, now - REMEMBERED_MS);
    tokens.set(value, token);
    current.set(slot, token);
    return token;
  }

  return {
    issue(request) {
      const { app, corpId, settings, endpoint, now } = request;
      const owner = `${app.appKey} ${corpId}`;
      const slot = settings.tokenEndpoints === "same" ? owner : `${owner} ${endpoint}`;
      const held = current.get(slot);
      const isLive = held !== undefined && held.expiresAt > now;
      if (!isLive || settings.repeatedFetch === "new") {
        if (isLive && settings.olderTokens === "dead") tokens.delete(held.value);
        return { value: create(request, slot).value, lifetimeSeconds: settings.tokenLifetimeSeconds };
      }
      if (settings.repeatedFetch === "extended") held.expiresAt = now + settings.tokenLifetimeSeconds * 1_000;
      return { value: held.value, lifetimeSeconds: Math.ceil((held.expiresAt - now) / 1_000) };
    },
    find: (value) => tokens.get(value) ?? null,
    revoke(appKey) {
      for (const token of tokens.values()) {
        if (appKey !== undefined && token.appKey !== appKey) continue;
        tokens.delete(token.value);
        if (current.get(token.slot) === token) current.delete(token.slot);
      }
    },
  };
}

function purge(tokens: Map<string, Token>, expiredBefore: number): void {
  for (const [value, token] of tokens) {
    if (token.expiresAt < expiredBefore) tokens.delete(value);
  }
}

/** Returns the lifetime field of an answer according to the settings. */
export function lifetimeField(settings: Settings, name: string, seconds: number): Record<string, unknown> {
  switch (settings.lifetimeField) {
    case "normal":
      return { [name]: seconds };
    case "missing":
      return {};
    case "zero":
      return { [name]: 0 };
    case "negative":
      return { [name]: -1 };
    case "text":
      return { [name]: String(seconds) };
  }
}
