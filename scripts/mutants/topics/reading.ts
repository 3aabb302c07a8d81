import type { Topic } from "../mutant";

const FEED = ["lib/directory/changes/read-feed.db.test.ts"];
const SCIM = ["lib/scim/scim.db.test.ts"];
const PERSONAL = ["lib/directory/personal/sealed-values.db.test.ts"];

/** Data that leaves Dingkeep or is stored: the feed, SCIM, exports, personal fields and jobs. */
export const reading: Topic = {
  name: "reading",
  mutants: [
    {
      file: "lib/directory/changes/read-feed.ts",
      text: "ORDER BY s.revision, c.number LIMIT $5`",
      replacement: "ORDER BY c.number LIMIT $5`",
      harm: "A reader of the feed gets changes out of order and misses some.",
      tests: FEED,
    },
    {
      file: "lib/directory/changes/read-feed.ts",
      text: " AND d.outcome IS NULL\n",
      replacement: "\n",
      harm: "The feed contains changes that were never applied.",
      tests: FEED,
    },
    {
      file: "lib/directory/changes/read-feed.ts",
      text: "CASE WHEN s.revision = $3 THEN $4::int ELSE 0 END",
      replacement: "$4::int",
      harm: "The feed skips the first changes of every later revision.",
      tests: FEED,
    },
    {
      file: "lib/directory/changes/read-feed.ts",
      text: "  if (rowCount === 0)\n",
      replacement: "  if (rowCount === -1)\n",
      harm: "A reader with a pruned cursor misses changes without an error.",
      tests: FEED,
    },
    {
      file: "lib/directory/changes/read-feed.ts",
      text: "if (appId !== scope[1])",
      replacement: 'if (appId === "")',
      harm: "Another app's cursor is accepted and reads from a wrong position.",
      tests: FEED,
    },
    {
      file: "lib/scim/filter-conditions.ts",
      text: "`position(lower(${text}) IN lower(${column})) > 0`",
      replacement: "`lower(${column}) LIKE '%' || lower(${text}) || '%'`",
      harm: "A percent sign in a SCIM filter matches every user.",
      tests: SCIM,
    },
    {
      file: "lib/scim/scim-ids.ts",
      text: 'of !== "" && isPlainText(of) && toScimId(kind, appId, of) === id ? of : null',
      replacement: 'of !== "" && isPlainText(of) ? of : null',
      harm: "A SCIM id of one app finds a user in another app.",
      tests: SCIM,
    },
    {
      file: "lib/scim/answer-scim.ts",
      text: 'personal: grantToKeyIfAllowed(key, "directory:personal"),',
      replacement: 'personal: grantToKeyIfAllowed(key, "directory:read") as never,',
      harm: "SCIM returns personal data to a key without the scope.",
      tests: SCIM,
    },
    {
      file: "lib/directory/csv.ts",
      text: "/^[=+\\-@\\t\\r\\n＝＋－＠]/",
      replacement: "/^[=+\\-@\\t\\r\\n]/",
      harm: "A spreadsheet evaluates a full-width formula in a CSV file.",
      tests: ["lib/directory/csv.test.ts"],
    },
    {
      file: "lib/directory/csv.ts",
      text: "text.replaceAll('\"', '\"\"')",
      replacement: "text",
      harm: "A quotation mark moves cells into other columns.",
      tests: ["lib/directory/csv.test.ts"],
    },
    {
      file: "lib/directory/export/export-directory.ts",
      text: "(isVisible || !isPersonal(source))",
      replacement: "(isTold || source.from !== undefined)",
      harm: "The export contains personal data for users who may not read it.",
      tests: ["lib/directory/export/export-directory.db.test.ts"],
    },
    {
      file: "lib/directory/personal/sealed-values.ts",
      text: "if (rows.length === 0 || !(await lockKeepsPersonal(client, { organizationId }))) return;",
      replacement: "if (rows.length === 0) return;",
      harm: "Personal data is stored after its storage was turned off.",
      tests: PERSONAL,
    },
    {
      file: "lib/directory/personal/storage-setting.ts",
      text: "await client.query(`DELETE FROM member_personal WHERE organization_id = $1`, [organizationId]);",
      replacement: "",
      harm: "Personal data stays stored after its storage was turned off.",
      tests: [...PERSONAL, "lib/directory/retention/restore-and-erase.db.test.ts"],
    },
    {
      file: "lib/directory/apply/apply-members.ts",
      text: "CASE WHEN $5 THEN (c.after ->> 'personalId')::uuid END",
      replacement: "CASE WHEN $5 IS NOT NULL THEN (c.after ->> 'personalId')::uuid END",
      harm: "A held plan restores personal data after its storage was turned off.",
      tests: [...PERSONAL, "lib/directory/retention/restore-and-erase.db.test.ts"],
    },
    {
      file: "lib/dingtalk/read-member.ts",
      text: "personal: keepsPersonal ? personalOf(fields) : {},",
      replacement: "personal: personalOf(fields),",
      harm: "Personal data is read although the organization doesn't store it.",
      tests: ["lib/dingtalk/members.test.ts"],
    },
    {
      file: "lib/directory/personal/mask-values.ts",
      text: "${text.slice(0, 3)}${HIDDEN}${text.slice(-4)}",
      replacement: "${text.slice(0, 3)}${HIDDEN}${text.slice(-5)}",
      harm: "A masked phone number shows too many digits.",
      tests: ["lib/directory/personal/mask-values.test.ts"],
    },
    {
      file: "lib/jobs/queues.ts",
      text: "const app = z.strictObject({",
      replacement: "const app = z.looseObject({",
      harm: "Names and secrets can reach the job queue, outside row security.",
      tests: ["lib/jobs/send-job.db.test.ts"],
    },
    {
      file: "lib/jobs/job-failure.ts",
      text: "return `DingtalkError ${error.kind}`;",
      replacement: "return `DingtalkError ${error.message}`;",
      harm: "DingTalk's error message about a person is stored with a failed job.",
      tests: ["lib/jobs/job-failure.test.ts"],
    },
    {
      file: "lib/directory/retention/prune-directory.ts",
      text: "AND removed_at < now() - make_interval(days => $3) AND erased_at IS NULL ORDER BY user_id LIMIT $4)",
      replacement: "AND $3::int > 0 AND erased_at IS NULL ORDER BY user_id LIMIT $4)",
      harm: "Current members are erased.",
      tests: ["lib/directory/retention/restore-and-erase.db.test.ts"],
    },
  ],
};
