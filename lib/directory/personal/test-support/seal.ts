import type { PersonalValues } from "@/lib/dingtalk/members";
import { Redacted } from "@/lib/redacted";
import { sealSecret } from "@/lib/secrets/sealed-secrets";

/** As the rows of `member_personal` are sealed. */
export const sealPersonal = (organizationId: string, id: string, values: PersonalValues) =>
  sealSecret(
    { organizationId, table: "member_personal", row: id, column: "sealed_values" },
    new Redacted(JSON.stringify(values)),
  );
