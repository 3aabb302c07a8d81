import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

type StoredToken = {
  readonly version: number;
  readonly sealed_token: Buffer | null;
  readonly obtained_at: Date | null;
  readonly changed_at: Date | null;
  readonly expires_at: Date | null;
  readonly renew_at: Date | null;
  readonly not_extended_until: Date | null;
  readonly last_error: { readonly kind: string } | null;
  readonly failures: number;
  readonly renewing_by: string | null;
  readonly renewing_until: Date | null;
  readonly attempted_at: Date[];
};

/** Reads the app's row as it is stored. */
export async function storedToken({ organizationId, appId }: AppRef): Promise<StoredToken> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<StoredToken>("SELECT * FROM app_token WHERE organization_id = $1 AND app_id = $2", [
      organizationId,
      appId,
    ]),
  );
  if (!rows[0]) throw new Error("the app has no token row");
  return rows[0];
}

type StoredState = {
  readonly state: string;
  readonly state_since: Date;
  readonly state_reason: { readonly kind: string } | null;
  readonly verified_at: Date | null;
};

export async function storedState({ organizationId, appId }: AppRef): Promise<StoredState> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<StoredState>(
      "SELECT state, state_since, state_reason, verified_at FROM dingtalk_app WHERE organization_id = $1 AND id = $2",
      [organizationId, appId],
    ),
  );
  if (!rows[0]) throw new Error("there is no such app");
  return rows[0];
}
