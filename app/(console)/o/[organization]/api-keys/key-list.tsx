import { getTranslations } from "next-intl/server";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DisplayName } from "@/app/_components/text/display-name";
import { DateTime } from "@/app/_components/time/date-time";
import type { ListedKey } from "@/lib/api-keys/queries";
import classes from "./key-list.module.css";
import { RevokeKey } from "./revoke-key";

type NamedApp = { readonly id: string; readonly name: string };
type Props = {
  readonly organization: string;
  readonly keys: readonly ListedKey[];
  readonly apps: readonly NamedApp[];
  /** Charged calls this month, by key id. */
  readonly used: ReadonlyMap<string, number>;
};
type RowProps = Omit<Props, "keys"> & { readonly listed: ListedKey };

async function LastUse({ listed: { lastUsedAt, lastUsedAddress } }: Pick<RowProps, "listed">) {
  const t = await getTranslations("key");
  if (!lastUsedAt) return <span className={classes.dimmed}>{t("neverUsed")}</span>;
  return (
    <>
      <DateTime at={lastUsedAt} />
      <span className={classes.address}>{lastUsedAddress}</span>
    </>
  );
}

/** The key's scopes, apps and monthly share. */
async function KeyAccess({ listed, apps, used }: Omit<RowProps, "organization">) {
  const t = await getTranslations("key");
  const common = await getTranslations("common");
  const { id: keyId, scopes, appIds, monthlyShare } = listed;
  const names = appIds?.map((id) => apps.find((app) => app.id === id)?.name ?? t("appDeleted"));
  return (
    <>
      <span>{scopes.map((scope) => t(`scope.${scope}.title` as never)).join(t("comma"))}</span>
      <span className={classes.dimmed}>
        <bdi>{names ? names.join(t("comma")) : common("allApps")}</bdi>
      </span>
      {monthlyShare !== null && (
        <span className={classes.dimmed}>
          {t("shareUsed", { used: used.get(keyId) ?? 0, share: monthlyShare })}
        </span>
      )}
    </>
  );
}

/** The key's expiry, or the time of its revocation. */
async function Until({ listed: { state, expiresAt, revokedAt } }: Pick<RowProps, "listed">) {
  const t = await getTranslations("key");
  const at = state === "revoked" ? revokedAt : expiresAt;
  return at ? <DateTime at={at} /> : <span className={classes.dimmed}>{t("neverExpires")}</span>;
}

async function Row({ organization, listed, apps, used }: RowProps) {
  const t = await getTranslations("key");
  const { id, name, masked, createdBy, state } = listed;
  return (
    <tr>
      <th scope="row">
        <span className={classes.name}>
          <DisplayName name={name} nameless={masked} isClamped />
        </span>
        <span className={classes.mono}>{masked}</span>
        {createdBy && <span className={classes.dimmed}>{t("madeBy", { who: createdBy })}</span>}
      </th>
      <td data-label={t("reach")}>
        <KeyAccess listed={listed} apps={apps} used={used} />
      </td>
      <td data-label={t("lastUse")}>
        <LastUse listed={listed} />
      </td>
      <td data-label={state === "revoked" ? t("revokedAt") : t("expires")}>
        <Until listed={listed} />
      </td>
      <td>
        <StateBadge kind="key" state={state} />
      </td>
      <td className={classes.action}>
        {state === "active" && (
          <RevokeKey organization={organization} id={id} name={name}>
            {listed.lastUsedAt ? <DateTime at={listed.lastUsedAt} /> : null}
          </RevokeKey>
        )}
      </td>
    </tr>
  );
}

/** The organization's keys. On narrow screens each key has a few lines. */
export async function KeyList({ organization, keys, apps, used }: Props) {
  const t = await getTranslations("key");
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("name")}</th>
          <th scope="col">{t("reach")}</th>
          <th scope="col">{t("lastUse")}</th>
          <th scope="col">{t("expires")}</th>
          <th scope="col">{t("state")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("action")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((listed) => (
          <Row key={listed.id} organization={organization} listed={listed} apps={apps} used={used} />
        ))}
      </tbody>
    </table>
  );
}
