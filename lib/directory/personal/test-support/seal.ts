import type { PersonalValues } from "@/lib/dingtalk/members";
import { Redacted } from "@/lib/redacted";
import { sealSecret } from "@/lib/secrets/sealed-secrets";

/** Seals values like the rows of `member_personal`. */
export const sealPersonal = (organizationId: string, id: string, values: PersonalValues) =>
  sealSecret(
    { organizationId, table: "member_personal", row: id, column: "sealed_values" },
    new Redacted(JSON.stringify(values)),
  );
