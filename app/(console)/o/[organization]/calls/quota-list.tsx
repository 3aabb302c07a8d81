import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/link";
import type { AppQuota } from "@/lib/calls/quota/queries";
import { Card } from "../../../../_components/card";
import { DisplayName } from "../../../../_components/display-name";
import { QuotaFacts } from "../../../../_components/quota";
import classes from "./calls.module.css";

type Props = { readonly quotas: readonly AppQuota[]; readonly base: string };

/** How many calls each app has made this month, of those that DingTalk charges. */
export async function QuotaList({ quotas, base }: Props) {
  const t = await getTranslations("quota");
  return (
    <Card title={t("title")}>
      <div className={classes.quotas}>
        {quotas.map(({ appId, name, quota }) => (
          <section key={appId}>
            <h3>
              <Link href={`${base}/apps/${appId}`}>
                <DisplayName name={name} nameless={appId} />
              </Link>
            </h3>
            <QuotaFacts quota={quota} />
          </section>
        ))}
      </div>
    </Card>
  );
}
