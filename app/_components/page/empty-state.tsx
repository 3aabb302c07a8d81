import { LinkButton } from "../navigation/link-button";
import { Card } from "./card";

type Props = {
  /** One sentence about what the list will hold. */
  readonly title: string;
  readonly help?: string;
  readonly action?: { readonly href: string; readonly label: string };
};

/** Replaces a list that is still empty, with a link to its first step. */
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
