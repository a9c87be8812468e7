//! Decides every release of every document to every recipient, reduces it, and explains. The only maker of [`Permit`].
//! Pure: facts and `now` come in, a decision goes out; no I/O, no clock, no directory look-ups.
