import { LinkButton } from "../navigation/link-button";
import { Card } from "./card";

type Props = {
  /** One sentence: what will be here. */
  readonly title: string;
  readonly help?: string;
  readonly action?: { readonly href: string; readonly label: string };
};

/** A place where nothing is yet, and the way to something. */
export function EmptyState({ title, help, action }: Props) {
  return (
    <Card title={title}>
      {help && <p style={{ color: "var(--dk-text-dimmed)", margin: 0 }}>{help}</p>}
      {action && (
        <LinkButton href={action.href} style={{ alignSelf: "flex-start" }}>
          {action.label}
        </LinkButton>
      )}
    </Card>
  );
}
