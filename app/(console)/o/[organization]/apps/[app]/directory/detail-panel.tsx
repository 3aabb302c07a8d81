"use client";

import { Alert, Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconChevronRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { MouseEvent, ReactNode, Ref } from "react";
import type { DepartmentDetail, Step } from "@/lib/directory/tree/schema";
import { CopyButton } from "../../../../../../_components/copy-button";
import { DisplayName } from "../../../../../../_components/display-name";
import { MomentView } from "../../../../../../_components/moment-view";
import { ZoneLine } from "../../../../../../_components/time-zone";
import classes from "./detail.module.css";
import type { DetailState } from "./use-detail";

type Props = {
  readonly headingRef: Ref<HTMLHeadingElement>;
  /** Known before the rest is; empty when nothing is known of the department. */
  readonly name: string;
  readonly state: DetailState;
  readonly onStep: (step: Step) => void;
  readonly onRetry: () => void;
};

type FactProps = { readonly name: string; readonly children: ReactNode };

const Fact = ({ name, children }: FactProps) => (
  <div className={classes.fact}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Id = ({ value, label }: { readonly value: string; readonly label: string }) => (
  <span className={classes.id}>
    <code>{value}</code>
    <CopyButton value={value} label={label} />
  </span>
);

type PathProps = { readonly path: readonly Step[]; readonly onStep: (step: Step) => void };

/** The ancestors, each a link to its own place in the tree. */
function Path({ path, onStep }: PathProps) {
  const t = useTranslations("directory");
  const ancestors = path.slice(0, -1);
  if (ancestors.length === 0) return <p className={classes.top}>{t("top")}</p>;
  const onClick = (event: MouseEvent, step: Step) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onStep(step);
  };
  return (
    <nav aria-label={t("path")}>
      <ol className={classes.path}>
        {ancestors.map((step, index) => (
          <li key={step.id}>
            <a href={`?node=${step.id}`} onClick={(event) => onClick(event, step)}>
              <DisplayName name={step.name} nameless={t("nameless")} />
            </a>
            {index < ancestors.length - 1 && <IconChevronRight size={12} aria-hidden />}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Facts({ detail }: { readonly detail: DepartmentDetail }) {
  const t = useTranslations("directory");
  return (
    <>
      <dl className={classes.facts}>
        <Fact name={t("id")}>
          <Id value={detail.id} label={t("copyId")} />
        </Fact>
        <Fact name={t("parentId")}>
          {detail.parentId === null ? (
            t("noParent")
          ) : (
            <Id value={detail.parentId} label={t("copyParentId")} />
          )}
        </Fact>
        <Fact name={t("children")}>{t("number", { n: detail.childCount })}</Fact>
        {detail.sourceIdentifier !== null && (
          <Fact name={t("sourceIdentifier")}>
            <DisplayName name={detail.sourceIdentifier} nameless={t("nameless")} />
          </Fact>
        )}
        <Fact name={t("firstSeen")}>
          <MomentView at={detail.firstSeenAt} />
        </Fact>
        <Fact name={t("lastSeen")}>
          {detail.lastSeenAt === null ? t("notYet") : <MomentView at={detail.lastSeenAt} />}
        </Fact>
      </dl>
      <ZoneLine />
    </>
  );
}

function Failure({ state, onRetry }: { readonly state: DetailState; readonly onRetry: () => void }) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (state.is !== "failed") return null;
  if (state.code === "not_found") return <p className={classes.top}>{t("gone")}</p>;
  const onClick = () => (state.code === "unauthenticated" ? location.reload() : onRetry());
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert">
      <p className={classes.sentence}>{error(state.code as never)}</p>
      <Button variant="default" size="xs" onClick={onClick}>
        {common("retry")}
      </Button>
    </Alert>
  );
}

/** In the shape of what follows, and only when it takes a while. */
const Waiting = () => (
  <div className={classes.waiting} aria-hidden>
    <Skeleton height={18} width="60%" />
    {[0, 1, 2, 3, 4].map((row) => (
      <Skeleton key={row} height={32} />
    ))}
  </div>
);

/** What is known of the selected department. */
export function DetailPanel({ headingRef, name, state, onStep, onRetry }: Props) {
  const t = useTranslations("directory");
  const detail = state.is === "ready" ? state.detail : null;
  return (
    <div className={classes.panel} aria-busy={state.is === "loading" || undefined}>
      <h2 ref={headingRef} tabIndex={-1} className={classes.heading} data-autofocus>
        <DisplayName name={detail?.name ?? name} nameless={detail ? t("nameless") : t("department")} />
      </h2>
      {state.is === "loading" && <Waiting />}
      <Failure state={state} onRetry={onRetry} />
      {detail && (
        <>
          <Path path={detail.path} onStep={onStep} />
          <Facts detail={detail} />
        </>
      )}
    </div>
  );
}
