-- A copy of a database must not export to the books of the real one.
UPDATE credit_export_system SET active = false;
