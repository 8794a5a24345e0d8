"""裁定: two records that do not agree, signatures that came too late, records the platform did not take."""
