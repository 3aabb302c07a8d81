import { getTranslations } from "next-intl/server";
import { addressOf } from "@/app/_components/navigation/address-of";
import { Link } from "@/app/_components/navigation/link";
import { Pagination } from "@/app/_components/navigation/pagination";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { TableHead } from "@/app/_components/page/table-head";
import { DisplayName } from "@/app/_components/text/display-name";
import { DateTime } from "@/app/_components/time/date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { listRemoved, type RemovedPage } from "@/lib/directory/removed/list-removed";
import { type RemovedQuery, removedQuery } from "@/lib/directory/removed/schema";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import classes from "./removed.module.css";

const OBJECTS = ["department", "member"] as const;
const COLUMNS = ["name", "at", "until"] as const;
const NO_FIGURES: ReadonlySet<string> = new Set();

/** The query parameter that opens each kind on the directory page. */
const OPENED_BY = { department: "node", member: "member" } as const;

type TableProps = {
  readonly items: RemovedPage["items"];
  readonly object: RemovedQuery["object"];
  readonly directory: string;
};

/** Lists removed entries. They are restored on the directory page. */
async function Table({ items, object, directory }: TableProps) {
  const t = await getTranslations("removed");
  const names = await getTranslations("directory");
  return (
    <table className={classes.table}>
      <TableHead columns={COLUMNS} figures={NO_FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {items.map(({ id, name, path, removedAt, until }) => (
          <tr key={id}>
            <th scope="row" className={classes.name}>
              <Link href={`${directory}?${OPENED_BY[object]}=${encodeURIComponent(id)}`}>
                <DisplayName name={name} nameless={names("nameless")} isClamped />
              </Link>
              {path.length > 0 && (
                <span className={classes.path}>
                  <DisplayName name={path.join(" › ")} nameless="" />
                </span>
              )}
            </th>
            <td data-label={t("column.at")}>
              <DateTime at={removedAt} isAbsolute />
            </td>
            <td data-label={t("column.until")}>
              <DateTime at={until} isAbsolute />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type PagesProps = { readonly query: RemovedQuery; readonly page: RemovedPage; readonly base: string };

function Pages({ query: { object, after }, page: { next }, base }: PagesProps) {
  return (
    <Pagination
      links={{
        newest: after !== undefined && addressOf(base, { object }),
        older: next !== null && addressOf(base, { object, after: next }),
      }}
    />
  );
}

type Props = PageProps<"/o/[organization]/apps/[app]/directory/removed">;

/** Removed departments or members that can be restored, newest first. */
export default async function RemovedListPage({ params, searchParams }: Props) {
  const { organization, app: appId } = await params;
  const query = removedQuery.parse(await searchParams);
  const actor = await pageActor(organization, "directory.read");
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const page = await listRemoved(actor, app.id, query);
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("removed");
  const directory = `/o/${organization}/apps/${app.id}/directory`;
  const base = `${directory}/removed`;
  const counts = { department: page.counts.departments, member: page.counts.members };
  return (
    <ClientMessages>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      <p className={classes.help}>{t("listHelp", { n: page.days })}</p>
      <nav className={classes.tabs} aria-label={t("object")}>
        {OBJECTS.map((object) => (
          <Link
            key={object}
            href={`${base}?object=${object}`}
            scroll={false}
            aria-current={query.object === object || undefined}
          >
            {t(object)} <span className={classes.count}>{t("count", { n: counts[object] })}</span>
          </Link>
        ))}
      </nav>
      {page.items.length === 0 ? (
        <p className={classes.help}>{t("none")}</p>
      ) : (
        <>
          <TimeZoneNote />
          <Table items={page.items} object={query.object} directory={directory} />
        </>
      )}
      <Pages query={query} page={page} base={base} />
    </ClientMessages>
  );
}
