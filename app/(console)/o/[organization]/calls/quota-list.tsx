import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { QuotaFacts } from "@/app/_components/status/quota";
import { DisplayName } from "@/app/_components/text/display-name";
import type { AppQuota } from "@/lib/calls/quota/queries";
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
