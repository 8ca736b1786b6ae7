import { Component, type ReactNode } from "react";
import i18next from "i18next";

interface State {
  error: Error | null;
}

/** The last resort: says what happened and offers to reload, instead of a white page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="whole-page" role="alert">
        <h1>{i18next.t("crash.title")}</h1>
        <p>{i18next.t("crash.text")}</p>
        <button type="button" className="plain-button" onClick={() => window.location.reload()}>
          {i18next.t("crash.reload")}
        </button>
        <pre>{`${error.name}: ${error.message}`}</pre>
      </main>
    );
  }
}
