package org.primer4j.priming;

import java.util.Map;

/** Takes typed values from settings; each failure is an IllegalArgumentException with the setting's name and value. */
record SettingsReader(Map<String, ?> settings) {

    String text(String name) {
        return settings.get(name) instanceof String text ? text : bad(name, "a word");
    }

    int integer(String name) {
        Object value = settings.get(name);
        boolean whole = value instanceof Integer || value instanceof Long;
        return whole && ((Number) value).longValue() == ((Number) value).intValue() ? ((Number) value).intValue() : bad(name, "a whole number");
    }

    double number(String name) {
        return settings.get(name) instanceof Number number && Double.isFinite(number.doubleValue()) ? number.doubleValue() : bad(name, "a number");
    }

    Double numberOrNull(String name) {
        return settings.get(name) == null ? null : number(name);
    }

    boolean flag(String name) {
        return settings.get(name) instanceof Boolean flag ? flag : bad(name, "true or false");
    }

    private <T> T bad(String name, String expected) {
        Object value = settings.get(name);
        throw new IllegalArgumentException(name + " is " + (value == null ? "missing" : "'" + value + "'") + "; expected " + expected);
    }
}
