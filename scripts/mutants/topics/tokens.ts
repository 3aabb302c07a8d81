import type { Topic } from "../mutant";

const CLAIM = ["lib/tokens/store/claim.db.test.ts"];
const MEMORY = ["lib/tokens/store/token-memory.test.ts"];

/** Tokens: one renewal at a time, fencing, and no expired token in an answer. */
export const tokens: Topic = {
  name: "tokens",
  mutants: [
    {
      file: "lib/tokens/store/claim.ts",
      text: "    AND (renewing_until IS NULL OR renewing_until <= $5)\n",
      replacement: "",
      harm: "Two processes renew one token at the same time.",
      tests: CLAIM,
    },
    {
      file: "lib/tokens/store/claim.ts",
      text: "AND version = $7 AND",
      replacement: "AND $7::int IS NOT NULL AND",
      harm: "A renewal runs for a version that was already replaced.",
      tests: CLAIM,
    },
    {
      file: "lib/tokens/store/claim.ts",
      text: "unnest(attempted_at) a WHERE a >= $6) < $10",
      replacement: "unnest(attempted_at) a WHERE a >= $6) <= $10",
      harm: "One more renewal is attempted than the limit allows.",
      tests: CLAIM,
    },
    {
      file: "lib/tokens/store/write-token.ts",
      text: "($3::uuid IS NULL OR renewing_by = $3::uuid)",
      replacement: "($3::uuid IS NULL OR renewing_by IS NOT NULL)",
      harm: "A process that lost its claim overwrites the newer token.",
      tests: ["lib/tokens/renewal/token-store.db.test.ts"],
    },
    {
      file: "lib/tokens/store/write-token.ts",
      text: "version = t.version + CASE WHEN $9::boolean THEN 1 ELSE 0 END",
      replacement: "version = t.version + CASE WHEN $9::boolean THEN 0 ELSE 0 END",
      harm: "Readers that wait for a newer version never get one.",
      tests: ["lib/tokens/renewal/token-store.db.test.ts", "lib/tokens/renewal/ensure-token.db.test.ts"],
    },
    {
      file: "lib/tokens/renewal/store-outcome.ts",
      text: 'else await recordSuccess(client, app, "worked", at);\n  await scheduleAppJob("token.renew", app, plan.renewAt, client);',
      replacement: 'else await recordSuccess(client, app, "worked", at);',
      harm: "The next renewal of a renewed token is never scheduled.",
      tests: ["lib/tokens/renewal/renewals-counted.db.test.ts"],
    },
    {
      file: "lib/tokens/store/token-memory.ts",
      text: "    if (since.hasHappened()) return;\n",
      replacement: "",
      harm: "A token that is replaced while its row is read is cached.",
      tests: MEMORY,
    },
    {
      file: "lib/tokens/store/token-memory.ts",
      text: "remembered?.session !== this.#session || !this.#notifications.isListening()",
      replacement: "remembered?.session !== this.#session",
      harm: "An old token is returned while LISTEN is interrupted.",
      tests: MEMORY,
    },
    {
      file: "lib/tokens/store/token-memory.ts",
      text: "remembered?.session !== this.#session || !this.#notifications.isListening()",
      replacement: "!remembered || !this.#notifications.isListening()",
      harm: "An old token is returned after LISTEN was interrupted.",
      tests: MEMORY,
    },
    {
      file: "lib/tokens/store/token-memory.ts",
      text: "remembered && remembered.stored.expiresAt.getTime() > nowMs ? remembered.stored : null",
      replacement: "remembered ? remembered.stored : null",
      harm: "An expired token is returned from the cache.",
      tests: MEMORY,
    },
    {
      file: "lib/api/tokens.ts",
      text: '...(isStale && { "dingkeep-stale": "1" }),',
      replacement: "",
      harm: "A token that may be outdated is not marked as stale.",
      tests: ["lib/api/tokens.test.ts"],
    },
    {
      file: "lib/tokens/renewal/use-or-renew.ts",
      text: 'if (row.appState === "disabled") return { do: "refuse", because: "disabled" };',
      replacement: "",
      harm: "A disabled app's token is returned and renewed.",
      tests: ["lib/tokens/renewal/use-or-renew.test.ts"],
    },
    {
      file: "lib/tokens/renewal/use-or-renew.ts",
      text: "return stored.freshUntilMs > nowMs;",
      replacement: "return stored.freshUntilMs > 0;",
      harm: "A reader gets a token that is about to expire.",
      tests: ["lib/tokens/renewal/use-or-renew.test.ts"],
    },
    {
      file: "lib/dingtalk-apps/enable-disable-app.ts",
      text: "    await clearToken(tx, organizationId, appId);\n",
      replacement: "",
      harm: "A disabled app's token stays stored and cached.",
      tests: ["lib/dingtalk-apps/enable-disable-app.db.test.ts"],
    },
    {
      file: "lib/tokens/renewal/renewal-policy.ts",
      text: "Math.min(RENEW_BEFORE_MS + random * RENEW_JITTER_MS, lifeMs / 2)",
      replacement: "Math.min(RENEW_BEFORE_MS, lifeMs / 2)",
      harm: "Tokens of apps that were connected together are renewed in the same second.",
      tests: ["lib/tokens/renewal/renewal-policy.test.ts"],
    },
    {
      file: "lib/db/listener.ts",
      text: "for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onListening();",
      replacement: "",
      harm: "Changes that were made while LISTEN was interrupted are never read.",
      tests: ["lib/db/listener.db.test.ts"],
    },
    {
      file: "lib/db/listener.ts",
      text: "return this.#listened.has(channel) && this.#now() - this.#provenAtMs < TRUST_MS;",
      replacement: "return this.#listened.has(channel);",
      harm: "A dead LISTEN connection is trusted.",
      tests: ["lib/db/listener.db.test.ts"],
    },
    {
      file: "lib/db/listener.ts",
      text: "      await proveDelivery(client, this.#announce);\n      if",
      replacement: "      if",
      harm: "A LISTEN connection through a pooler, which delivers nothing, is trusted.",
      tests: ["lib/db/listener.db.test.ts"],
    },
  ],
};
