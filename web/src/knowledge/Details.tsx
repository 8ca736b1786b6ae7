import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";

/** Markdown as headings, lists, tables and links. HTML in it stays text, and no address but a web one is followed. */
export function Details({ text }: { text: string }) {
  return (
    <div className="entry-details">
      <Markdown
        remarkPlugins={[remarkGfm]}
        // The page's own headings stand above these; a picture from elsewhere would tell that somebody reads it.
        disallowedElements={["img"]}
        components={{
          h1: "h3",
          h2: "h3",
          h3: "h4",
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer noopener">
              {children}
            </a>
          ),
          table: ({ children }) => (
            <div className="entry-table">
              <table>{children}</table>
            </div>
          ),
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
