import type { ReactNode } from "react";
import { SetPageTitle } from "../shell/page-title";
import { DisplayName } from "../text/display-name";
import classes from "./page-header.module.css";

type Props = { readonly title: string; readonly state?: ReactNode; readonly actions?: ReactNode };

/** A page's title, state and actions. On a phone the actions move below the title, at full width. */
export function PageHeader({ title, state, actions }: Props) {
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <SetPageTitle title={title} />
        <h1 tabIndex={-1}>
          <DisplayName name={title} nameless={title} isClamped />
        </h1>
        {state}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}
