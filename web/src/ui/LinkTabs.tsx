import { Link } from "react-router";
import "./linkTabs.css";

export interface LinkTab {
  name: string;
  to: string;
  title: string;
  /** Beside the title; none where it is not known. */
  count?: string | number | undefined;
  /** Somebody should look at what is counted. */
  pressing?: boolean;
}

/** Tabs that are addresses. */
export function LinkTabs({ label, tabs, open }: { label: string; tabs: readonly LinkTab[]; open: string | undefined }) {
  return (
    <nav className="link-tabs" aria-label={label}>
      {tabs.map(({ name, to, title, count, pressing }) => (
        <Link
          key={name}
          to={to}
          aria-current={name === open ? "page" : undefined}
          className={pressing ? "pressing" : undefined}
          data-testid={`tab-${name}`}
        >
          {title}
          {count !== undefined && <span className="tab-count">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
