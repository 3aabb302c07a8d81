import type { Topic } from "../mutant";

const ADDRESSES = ["lib/webhooks/delivery/check-address.test.ts"];
const URLS = ["lib/webhooks/delivery/webhook-url.test.ts"];
const POSTS = ["lib/webhooks/delivery/post-message.test.ts"];
const DELIVERIES = ["lib/webhooks/delivery/deliver-events.db.test.ts"];
const EVENTS = ["lib/webhooks/events/read-events.db.test.ts"];
const API = ["app/api/v1/webhooks/webhooks.db.test.ts"];

/** Webhooks: their addresses, order, retries and tenants. */
export const webhooks: Topic = {
  name: "webhooks",
  mutants: [
    {
      file: "lib/webhooks/delivery/check-address.ts",
      text: "  if (METADATA.has(address.toString())) return false;\n",
      replacement: "",
      harm: "Open private networks open the metadata services of clouds too.",
      tests: ADDRESSES,
    },
    {
      file: "lib/webhooks/delivery/check-address.ts",
      text: '(address.kind() === "ipv4" || address.match(GLOBAL_IPV6))',
      replacement: "true",
      harm: "Addresses outside the internet's part of IPv6 are called.",
      tests: ADDRESSES,
    },
    {
      file: "lib/webhooks/delivery/guarded-dispatcher.ts",
      text: "!addresses.every(",
      replacement: "!addresses.some(",
      harm: "A name with a public and a private address reaches the private one.",
      tests: POSTS,
    },
    {
      file: "lib/webhooks/delivery/guarded-dispatcher.ts",
      text: "isIP(hostname) !== 0 && !isAllowedAddress(hostname, rules)",
      replacement: "false",
      harm: "A stored URL with a private IP address is called after private networks were closed.",
      tests: POSTS,
    },
    {
      file: "lib/webhooks/delivery/webhook-url.ts",
      text: 'url.username !== "" || url.password !== "" || ',
      replacement: "",
      harm: "A user name in a URL hides its real host from a person.",
      tests: URLS,
    },
    {
      file: "lib/webhooks/delivery/webhook-url.ts",
      text: '  if (url.protocol === "http:" && !rules.allowsPrivate) return err("scheme");\n',
      replacement: "",
      harm: "Events are sent without encryption.",
      tests: URLS,
    },
    {
      file: "lib/webhooks/events/number-events.ts",
      text: " FOR UPDATE`",
      replacement: "`",
      harm: "Two readers give one number to two events.",
      tests: EVENTS,
    },
    {
      file: "lib/webhooks/events/read-events.ts",
      text: "CASE WHEN e.sequence = $2 THEN $3::int ELSE 0 END",
      replacement: "$3::int",
      harm: "The first changes of every later change set are skipped.",
      tests: EVENTS,
    },
    {
      file: "lib/webhooks/events/list-events.ts",
      text: "after !== START && after.sequence < pruned",
      replacement: "false",
      harm: "A reader with an old cursor misses events without an error.",
      tests: EVENTS,
    },
    {
      file: "lib/webhooks/events/read-events.ts",
      text: "toPublicChange(row)",
      replacement: "{ ...row, isPersonalChanged: true }",
      harm: "Messages contain ids of personal values.",
      tests: DELIVERIES,
    },
    {
      file: "lib/webhooks/delivery/plan-round.ts",
      text: "AND p.order_key = d.order_key\n",
      replacement: "AND false\n",
      harm: "An ordered endpoint gets a member's events out of order.",
      tests: DELIVERIES,
    },
    {
      file: "lib/webhooks/delivery/claim-endpoint.ts",
      text: "AND (claimed_by IS NULL OR claimed_by = $3 OR claimed_until < $4)",
      replacement: "AND $4::timestamptz IS NOT NULL",
      harm: "Two jobs deliver the same events.",
      tests: DELIVERIES,
    },
    {
      file: "lib/webhooks/delivery/deliver-events.ts",
      text: "if (pausedUntil || !(await hasUnreadEvents(claim))) return;",
      replacement: "return;",
      harm: "An event that is committed while a turn ends waits for the next one.",
      tests: DELIVERIES,
    },
    {
      file: "lib/webhooks/delivery/record-round.ts",
      text: 'isGone ? "gone" : after.disabledFor',
      replacement: "after.disabledFor",
      harm: "A receiver that is gone is called for days.",
      tests: DELIVERIES,
    },
    {
      file: "lib/webhooks/endpoints/endpoint-secrets.ts",
      text: "sealedPreviousSecret === null || isOver",
      replacement: "sealedPreviousSecret === null",
      harm: "A leaked secret signs forever after its rotation.",
      tests: DELIVERIES,
    },
    {
      file: "lib/api/answer-webhooks.ts",
      text: '  if (!mayUseAll(key, endpoint.appIds)) throw notFound("webhook");\n',
      replacement: "",
      harm: "A key for one app redirects the events of all apps to itself.",
      tests: API,
    },
    {
      file: "lib/api/answer-webhooks.ts",
      text: "  const appIds = key.appIds && [...key.appIds];\n  const { events",
      replacement: "  const appIds = null;\n  const { events",
      harm: "A key for one app reads the events of all apps.",
      tests: API,
    },
  ],
};
