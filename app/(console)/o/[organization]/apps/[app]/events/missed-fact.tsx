import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Link } from "@/app/_components/navigation/link";
import type { Subscription } from "@/lib/events/subscription/queries";

type Props = Pick<Subscription, "missed"> & {
  /** Address of the list of syncs. */
  readonly syncs: string;
};

const linkTo = (href: string) => (text: ReactNode) => <Link href={href}>{text}</Link>;

/** Changes that the last complete sync found and no event had announced. */
export async function MissedFact({ missed, syncs }: Props) {
  const t = await getTranslations("events");
  if (missed === null) return null;
  const { changes: n, number, runId } = missed;
  return (
    <div>
      <dt>{t("missed")}</dt>
      <dd>
        <span>{t.rich("missedOf", { n, number, link: linkTo(`${syncs}/${runId}`) })}</span>
      </dd>
    </div>
  );
}
