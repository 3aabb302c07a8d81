import type { Topic } from "../mutant";

const TARGET = ["lib/gateway/parse-target.test.ts"];
const PATH_RULES = ["lib/gateway/path-rules.test.ts"];
const RULES = ["lib/gateway/security-rules.db.test.ts"];
const LIMITER = ["lib/limits/egress/call-limiter.db.test.ts"];

/** The gateway's targets, headers and scopes, and the spacing of calls to DingTalk. */
export const gateway: Topic = {
  name: "gateway",
  mutants: [
    {
      file: "lib/gateway/parse-target.ts",
      text: "if (UNSAFE.test(text) || ",
      replacement: "if (",
      harm: "An encoded slash breaks out of its path segment.",
      tests: TARGET,
    },
    {
      file: "lib/gateway/parse-target.ts",
      text: '/^\\.{0,2}$/.test(text.replace(PARAMETERS, ""))',
      replacement: "/^\\.{0,2}$/.test(text)",
      harm: "A server like Tomcat reads `..;x` as the parent path.",
      tests: TARGET,
    },
    {
      file: "lib/gateway/path-rules.ts",
      text: "(?:oauth2|sso|sns|service|call_back)",
      replacement: "(?:sso|sns|service|call_back)",
      harm: "The gateway returns access tokens through `oauth2/*` paths.",
      tests: PATH_RULES,
    },
    {
      file: "lib/gateway/path-rules.ts",
      text: '.replace(PARAMETERS, "").toLowerCase());',
      replacement: '.replace(PARAMETERS, ""));',
      harm: "A credential path in capital letters is passed on.",
      tests: PATH_RULES,
    },
    {
      file: "lib/gateway/pass-on.ts",
      text: "  assertPassable(target);\n",
      replacement: "",
      harm: "The gateway passes on calls that return credentials.",
      tests: RULES,
    },
    {
      file: "lib/gateway/pass-on.ts",
      text: "  assertMayPass(admitted.key, method, target);\n",
      replacement: "",
      harm: "A key can call paths outside its scopes and path prefixes.",
      tests: ["lib/gateway/pass-on.db.test.ts"],
    },
    {
      file: "lib/gateway/admit.ts",
      text: 'if (!mayUseApp(admitted.key, appId)) throw new AppError("unauthenticated", "no access to the app");',
      replacement: "",
      harm: "A lease still works after its key loses access to the app.",
      tests: ["lib/gateway/lease-token.db.test.ts"],
    },
    {
      file: "lib/gateway/path-rules.ts",
      text: "path.startsWith(prefix)",
      replacement: "path.includes(prefix)",
      harm: "A key's path prefix matches anywhere in a path.",
      tests: ["lib/gateway/pass-on.db.test.ts"],
    },
    {
      file: "lib/gateway/headers.ts",
      text: "REQUEST_HEADERS.has(name) && !dropped.has(name)",
      replacement: "REQUEST_HEADERS.has(name)",
      harm: "Hop-by-hop headers are passed on.",
      tests: RULES,
    },
    {
      file: "lib/gateway/headers.ts",
      text: "RESPONSE_HEADERS.has(name) && hideSecrets(value, [hide]) === value",
      replacement: "RESPONSE_HEADERS.has(name)",
      harm: "A response header reveals the token.",
      tests: RULES,
    },
    {
      file: "lib/gateway/path-rules.ts",
      text: 'return method === "POST" && READING_POSTS.has(bare);',
      replacement: 'return method === "POST";',
      harm: "A read-only key can write.",
      tests: ["lib/gateway/pass-on.db.test.ts"],
    },
    {
      file: "lib/gateway/path-rules.ts",
      text: "(PLAIN_NAMES.test(bare) && !WRITING_GETS.test(bare))",
      replacement: "PLAIN_NAMES.test(bare)",
      harm: "A read-only key can delete with a GET request.",
      tests: PATH_RULES,
    },
    {
      file: "lib/gateway/inspect-answer.ts",
      text: "whole: whole && hideToken(whole, token),",
      replacement: "whole,",
      harm: "A refusal that quotes the token reveals it.",
      tests: RULES,
    },
    {
      file: "lib/gateway/hide-token.ts",
      text: "const begun = tokenPrefixLength(bytes, spellings);",
      replacement: "const begun = 0 * bytes.length * spellings.length;",
      harm: "A token that is split between two chunks is revealed.",
      tests: ["lib/gateway/hide-token.test.ts"],
    },
    {
      file: "lib/limits/egress/shared-state.ts",
      text: 'greatest(held.paused_until, app.paused_until) AS "pausedUntil"',
      replacement: 'held.paused_until AS "pausedUntil"',
      harm: "Other processes call an app's APIs during a penalty of the whole app.",
      tests: LIMITER,
    },
    {
      file: "lib/limits/egress/shared-state.ts",
      text: "least($4::float8,",
      replacement: "greatest($4::float8,",
      harm: "A lower rate that another process published is ignored.",
      tests: LIMITER,
    },
    {
      file: "lib/limits/egress/shared-state.ts",
      text: "count: Math.max(0, Math.min(count, left))",
      replacement: "count: Math.max(0, Math.max(count, left))",
      harm: "The IP address exceeds DingTalk's rate and is banned.",
      tests: LIMITER,
    },
    {
      file: "lib/limits/egress/app-rate.ts",
      text: "export const RATE_SHARE = 0.958;",
      replacement: "export const RATE_SHARE = 1;",
      harm: "Delayed calls put 21 calls into one second, and DingTalk throttles the app.",
      tests: ["lib/limits/egress/call-limiter.test.ts", ...LIMITER],
    },
    {
      file: "lib/limits/key-rate.ts",
      text: "const got = Math.max(0, Math.min(count, limit - (all - count)));",
      replacement: "const got = count;",
      harm: "A key exceeds its requests per minute.",
      tests: ["lib/limits/key-rate.test.ts"],
    },
    {
      file: "lib/dingtalk/ip-ban.ts",
      text: "return words.some((word) => !raw.includes(word) && !percentDecoded(raw).includes(word));",
      replacement: "return words.some((word) => word !== raw);",
      harm: "An error page that quotes the request pauses every tenant.",
      tests: ["lib/dingtalk/interpret-answer.test.ts"],
    },
    {
      file: "lib/limits/numbers.ts",
      text: "refusedPerHourOfOrganization: 10,",
      replacement: "refusedPerHourOfOrganization: 11,",
      harm: "Connection tests allow more guesses of a secret per hour.",
      tests: ["lib/dingtalk-apps/connect-app.db.test.ts"],
    },
    {
      file: "lib/calls/quota/monthly-stop.ts",
      text: "key.used >= key.share)",
      replacement: "key.used > key.share)",
      harm: "A key exceeds its monthly share by one call.",
      tests: ["lib/calls/quota/quota.db.test.ts"],
    },
    {
      file: "lib/calls/log/log-calls.ts",
      text: "truncate(pathTemplate(path, host))",
      replacement: "truncate(path)",
      harm: "The call log stores ids of people.",
      tests: ["lib/calls/log/log-calls.db.test.ts", "lib/calls/gateway-calls.db.test.ts"],
    },
  ],
};
