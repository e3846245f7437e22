"""The rules that may fire on a signal, and what each means for everybody."""

EXPECTED, AGAIN, CUSUM = "farrington", "again", "cusum"
# Of the labels of the control chart (`xmr`) those that speak of a rise.
OF_CHART = {
    "Above UCL": "xmr_outside",
    "2 in 3 Above CL": "xmr_two_in_three",
    "7 Increasing": "xmr_trend",
    "7 Points Above CL": "xmr_shift",
}
FIRED = {
    EXPECTED: "Above what the same season of earlier years leads to expect, and too far above to be chance among all "
    "the series judged (Farrington, with a false discovery rate)",
    AGAIN: "Above its bound in the month before too",
    "xmr_outside": "Above the upper limit of its control chart (XmR, rule 1: a point outside)",
    "xmr_trend": "The seventh month of a rise on its control chart (XmR, rule 2: a trend)",
    "xmr_two_in_three": "With two of the last three months near the upper limit of its control chart (XmR, rule 3)",
    "xmr_shift": "The seventh month in a row above the mean of its control chart (XmR, rule 4: a shift)",
    "ears_c1": "Far above the seven months before (EARS C1)",
    "ears_c2": "Far above the seven months that end two before, so that a rise does not hide itself (EARS C2)",
    "ears_c3": "Above those seven months in the last three, taken together (EARS C3)",
    CUSUM: "Small rises that last: more than the season leads to expect, month after month, added up (CUSUM)",
}
