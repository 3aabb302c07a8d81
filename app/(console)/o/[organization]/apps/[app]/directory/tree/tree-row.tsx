"use client";

import { Loader, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconChevronRight, IconDots } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type CSSProperties, memo } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import classes from "./tree.module.css";
import type { DepartmentRow, FailedRow, MoreRow, Row } from "./tree-rows";

type Props = {
  readonly row: Row;
  readonly index: number;
  readonly isSelected: boolean;
  /** Makes Tab enter the tree at this row. Set for exactly one row. */
  readonly isTabStop: boolean;
  readonly query: string;
};

function Department({ row, query }: { readonly row: DepartmentRow; readonly query: string }) {
  const t = useTranslations("directory");
  return (
    <>
      <span className={classes.chevron} data-chevron={row.hasChildren || undefined} aria-hidden>
        {row.isBusy ? (
          <Loader size={14} className={classes.late} />
        ) : (
          row.hasChildren && <IconChevronRight size={16} className={classes.arrow} />
        )}
      </span>
      <span className={classes.name} title={row.name} data-dimmed={row.isAncestorOnly || undefined}>
        <DisplayName name={row.name} nameless={t("nameless")} query={query} />
        {row.isRemoved && <span className={classes.removed}>{t("removed")}</span>}
      </span>
      {row.people !== undefined && (
        <span className={classes.people}>
          <span aria-hidden>{t("number", { n: row.people })}</span>
          <VisuallyHidden>{t("people", { n: row.people })}</VisuallyHidden>
        </span>
      )}
    </>
  );
}

function More({ row }: { readonly row: MoreRow }) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  return (
    <>
      <span className={classes.chevron} aria-hidden>
        {row.isBusy ? <Loader size={14} className={classes.late} /> : <IconDots size={16} />}
      </span>
      <span className={classes.action}>
        {row.failed
          ? t("failedRow", { reason: error(row.failed as never) })
          : t("more", { n: row.count, total: row.setSize })}
      </span>
    </>
  );
}

function Failed({ row }: { readonly row: FailedRow }) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  return (
    <>
      <span className={classes.chevron} data-tone="danger" aria-hidden>
        <IconAlertTriangle size={16} />
      </span>
      <span className={classes.action}>{t("failedRow", { reason: error(row.failed as never) })}</span>
    </>
  );
}

/** A row of the tree, without controls of its own. The tree handles keys and clicks. */
export const TreeRow = memo(function TreeRow({ row, index, isSelected, isTabStop, query }: Props) {
  const isDepartment = row.kind === "department";
  return (
    <div
      role="treeitem"
      className={classes.row}
      data-key={row.key}
      data-kind={row.kind}
      style={{ "--index": index, "--level": row.level } as CSSProperties}
      tabIndex={isTabStop ? 0 : -1}
      aria-level={row.level}
      aria-setsize={row.setSize}
      aria-posinset={row.position}
      aria-expanded={isDepartment && row.hasChildren ? row.isOpen : undefined}
      aria-selected={isDepartment ? isSelected : undefined}
      aria-busy={row.isBusy || undefined}
    >
      {row.kind === "department" && <Department row={row} query={query} />}
      {row.kind === "more" && <More row={row} />}
      {row.kind === "failed" && <Failed row={row} />}
    </div>
  );
});
