import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { grantIfAllowed, may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { MAPPED } from "@/lib/directory/mapping/default-mapping";
import { getMapping } from "@/lib/directory/mapping/preview-mapping";
import { mappedName } from "@/lib/directory/mapping/schema";
import { FLAG_FIELDS, SOURCE_FIELDS } from "@/lib/directory/mapping/sources";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import classes from "./mapping.module.css";
import { MappingForm } from "./mapping-form";

export default async function MappingPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/settings/mapping">) {
  const { organization, app: appId } = await params;
  const mapped = mappedName.safeParse((await searchParams).of).data ?? "api";
  const actor = await pageActor(organization, "directory.read");
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const personal = grantIfAllowed(actor, "directory.readPersonal");
  const mapping = await getMapping(actor, app.id, { mapped, personal });
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("mapping");
  const common = await getTranslations("common");
  const base = `/o/${organization}/apps/${app.id}/settings/mapping`;
  return (
    <ClientMessages namespaces={["mapping"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      <p className={classes.help}>{t("help")}</p>
      {may(actor, "app.change") ? (
        <>
          <nav aria-label={t("which")} className={classes.which}>
            {MAPPED.map((one) => (
              <Link key={one} href={`${base}?of=${one}`} aria-current={one === mapped ? "page" : undefined}>
                {t(`of.${one}`)}
              </Link>
            ))}
          </nav>
          <MappingForm
            key={mapped}
            organization={organization}
            app={app.id}
            mapped={mapped}
            mapping={mapping}
            sources={SOURCE_FIELDS}
            flagSources={[...FLAG_FIELDS]}
          />
        </>
      ) : (
        <p>{common("needsAdmin")}</p>
      )}
    </ClientMessages>
  );
}
