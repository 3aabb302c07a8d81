import type { Topic } from "../mutant";

const MEMORY = ["lib/api-keys/key-cache.test.ts"];
const FIND = ["lib/api-keys/authenticate-key.db.test.ts"];
const ONCE = ["lib/idempotency/idempotency.db.test.ts"];
const ROUTES = ["lib/http/define-route.db.test.ts"];

/** API keys: revocation, scopes, limits and idempotency. */
export const keys: Topic = {
  name: "keys",
  mutants: [
    {
      file: "lib/api-keys/key-cache.ts",
      text: "if (!cached || cached.gaps !== this.#gaps || !this.#notifications.isListening()) return null;",
      replacement: "if (!cached || !this.#notifications.isListening()) return null;",
      harm: "A key that is revoked while LISTEN is interrupted stays accepted afterwards.",
      tests: MEMORY,
    },
    {
      file: "lib/api-keys/key-cache.ts",
      text: "if (!cached || cached.gaps !== this.#gaps || !this.#notifications.isListening()) return null;",
      replacement: "if (!cached || cached.gaps !== this.#gaps) return null;",
      harm: "A revoked key is accepted while LISTEN is interrupted.",
      tests: MEMORY,
    },
    {
      file: "lib/api-keys/key-cache.ts",
      text: "    if (changes !== this.#changes) return;\n",
      replacement: "",
      harm: "A key that is revoked while its row is read is cached as valid.",
      tests: MEMORY,
    },
    {
      file: "lib/api-keys/key-cache.ts",
      text: "return this.#now() - cached.readAtMs < CACHE_MAX_AGE_MS ? cached.key : null;",
      replacement: "return cached.key;",
      harm: "A revoked key whose NOTIFY was lost is accepted forever.",
      tests: MEMORY,
    },
    {
      file: "lib/api-keys/load-key.ts",
      text: " AND revoked_at IS NULL`;",
      replacement: "`;",
      harm: "A revoked key is accepted.",
      tests: FIND,
    },
    {
      file: "lib/api-keys/authenticate-key.ts",
      text: "if (expiresAt && expiresAt.getTime() <= nowMs) throw unknownKey();",
      replacement: "",
      harm: "An expired key is accepted.",
      tests: FIND,
    },
    {
      file: "lib/api-keys/authenticate-key.ts",
      text: "if (!isAllowedFrom(found.key, address)) {",
      replacement: 'if (address === "") {',
      harm: "A key is accepted from any address.",
      tests: FIND,
    },
    {
      file: "lib/api-keys/revoke-key.ts",
      text: "    await notify(tx, { kind: KEY_NOTICE, organizationId, id: keyId });\n",
      replacement: "",
      harm: "Other servers accept a revoked key for 15 seconds instead of one.",
      tests: FIND,
    },
    {
      file: "lib/limits/wrong-keys.ts",
      text: "if (counted >= WRONG_KEYS.perMinute) return leftMs;",
      replacement: "if (counted > WRONG_KEYS.perMinute) return leftMs;",
      harm: "More than 30 wrong keys per minute are looked up.",
      tests: ["lib/limits/wrong-keys.test.ts"],
    },
    {
      file: "lib/api-keys/find-app.ts",
      text: 'if (!mayUseApp(key, named)) throw notFound("app");',
      replacement: "",
      harm: "A key can use apps that aren't on its list.",
      tests: ROUTES,
    },
    {
      file: "lib/api-keys/find-app.ts",
      text: ".filter((id) => mayUseApp(key, id));",
      replacement: ".filter(() => true);",
      harm: "A key can use apps that aren't on its list by their AppKey.",
      tests: ROUTES,
    },
    {
      file: "lib/auth/actor.ts",
      text: "if (!key.scopes.has(scope)) throw",
      replacement: "if (key.scopes.size === 0) throw",
      harm: "A key can do more than its scopes allow.",
      tests: ["lib/auth/actor.test.ts", ...ROUTES],
    },
    {
      file: "lib/idempotency/idempotency.ts",
      text: "WHERE organization_id = $1 AND key_id = $2 AND route = $3 AND given_hash = $4`;",
      replacement: "WHERE organization_id = $1 AND $2::uuid IS NOT NULL AND route = $3 AND given_hash = $4`;",
      harm: "One key gets the stored answer of another key.",
      tests: ONCE,
    },
    {
      file: "lib/idempotency/idempotency.ts",
      text: "if (!rows[0].body_hash.equals(bodyHash)) {",
      replacement: "if (bodyHash.length === 0) {",
      harm: "A different request with the same Idempotency-Key gets the stored answer.",
      tests: ONCE,
    },
    {
      file: "lib/idempotency/idempotency.ts",
      text: "WHERE a.created_at < $8 OR (a.sealed_answer IS NULL AND a.created_at < $9)",
      replacement: "WHERE a.created_at < $8 OR a.created_at < $9",
      harm: "A retry after two minutes runs the request a second time.",
      tests: ONCE,
    },
    {
      file: "lib/http/define-route.ts",
      text: "text: JSON.stringify(query) + text",
      replacement: "text",
      harm: "A request with another query gets the stored answer of the first request.",
      tests: ROUTES,
    },
    {
      file: "lib/http/define-route.ts",
      text: "${contract.path} ${JSON.stringify(params.data)}`;",
      replacement: "${new URL(request.url).pathname}`;",
      harm: "A retry with another spelling of the path runs the request a second time.",
      tests: ROUTES,
    },
    {
      file: "lib/api-keys/admit-key.ts",
      text: "if (!isAllowed) throw new TooManyRequests(rate);",
      replacement: "",
      harm: "A key has no limit of requests per minute.",
      tests: ["app/api/v1/apps/[appId]/token/token.db.test.ts"],
    },
    {
      file: "lib/gateway/lease-token.ts",
      text: "if (data.readUInt32BE(3 * ID_BYTES) * 1_000 <= nowMs) return null;",
      replacement: "",
      harm: "A gateway lease never expires.",
      tests: ["lib/gateway/lease-token.db.test.ts"],
    },
  ],
};
