// A body that travelled packed: what is in it, or why that cannot be shown. Nothing is ever read from the packed bytes.
import type { ComponentChildren } from 'preact';
import type { Body } from '../run-store.ts';

/** What is in it, as far as it could be unpacked. */
export const Unpacked = ({
  body: { plain, packing, fault },
  children,
}: {
  body: Body;
  children: (plain: Uint8Array<ArrayBuffer>) => ComponentChildren;
}) => (
  <>
    {!plain && (
      <p class="muted">Packed with {packing}, which a browser does not unpack. Its bytes are under "Over the wire".</p>
    )}
    {fault && (
      <p class="w">
        Packed with {packing}, and {fault}: this is what comes before that.
      </p>
    )}
    {plain && children(plain)}
  </>
);
